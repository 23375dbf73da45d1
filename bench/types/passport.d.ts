declare module 'passport' {
  import type { RequestHandler } from 'express'

  interface Passport {
    use(strategy: object): Passport
    authenticate(strategy: string, options: { readonly session: boolean }): RequestHandler
  }
  const passport: Passport
  export default passport
}

declare module 'passport-jwt' {
  import type { Request } from 'express'

  type Done = (error: Error | null, user: unknown) => void
  export class Strategy {
    constructor(
      options: {
        readonly jwtFromRequest: (request: Request) => string | null
        readonly secretOrKey: string
        readonly algorithms: readonly string[]
      },
      verify: (payload: unknown, done: Done) => void,
    )
  }
  export const ExtractJwt: { fromAuthHeaderAsBearerToken(): (request: Request) => string | null }
}
