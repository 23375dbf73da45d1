import type { ServicePlace } from './tokens.ts'

/** Ours, as the tables call them. The last has its SQLite file for itself. */
export const OURS = ['bounded', 'strict', 'strict, exclusive'] as const
export type Ours = (typeof OURS)[number]

export function isOurs(subject: string): subject is Ours {
  return (OURS as readonly string[]).includes(subject)
}

/** What a guarded server is told. Which subjects there are is its own matter. */
export interface GuardSetup {
  readonly subject: string
  readonly place: ServicePlace
  /** Of the tokens that peers are given (HS256). */
  readonly secret: string
}

/** What every server answers at `GET /files/:name`. */
export function toAnswer(name: string): { readonly name: string; readonly bytes: number } {
  return { name, bytes: 1024 }
}

/** The scope that the guards ask for. */
export const SCOPE = 'files.read'

export function unknownSubject({ subject }: GuardSetup): Error {
  return new Error(`there is no subject ${subject}`)
}
