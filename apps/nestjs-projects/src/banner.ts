import { createCurlLines } from './curl-lines.ts'

export interface BannerFacts {
  readonly origin: string
  readonly dataDir: string
  /** Null = the operator chose one; it is not printed. */
  readonly generatedPassword: string | null
}

/** What is printed at the start. */
export function createBanner({ origin, dataDir, generatedPassword }: BannerFacts): string {
  const { setUp, issue, read } = createCurlLines(origin, generatedPassword)
  return [
    `nestjs-projects is ready: ${origin}/`,
    `Projects, tokens and keys: ${dataDir}`,
    ...describeAdmin(generatedPassword),
    '',
    'Make a project, and a user with a password of its own',
    ...setUp,
    '',
    'As that user, issue a token for the documents of the project',
    issue,
    '',
    'Read one with it',
    read,
    '',
  ].join('\n')
}

function describeAdmin(generatedPassword: string | null): readonly string[] {
  if (generatedPassword === null)
    return ['User: admin, with your ADMIN_PASSWORD (curl asks for it where it is not set)']
  return [
    'User: admin, with a password for this run; set ADMIN_PASSWORD to choose one',
    `ADMIN_PASSWORD=${generatedPassword}`,
  ]
}
