import type { Auth } from '@hallpass/http/guard'

declare global {
  namespace Express {
    interface Request {
      /** Set by `requireToken`; null where the guard is optional and no token came. */
      auth?: Auth | null
    }
  }
}
