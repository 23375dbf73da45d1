/** The part of jsonwebtoken 9 that is used here; it comes without types. */
declare module 'jsonwebtoken' {
  import type { KeyObject } from 'node:crypto'

  const jsonwebtoken: {
    /** @throws when the token is not good */
    verify(
      token: string,
      key: KeyObject,
      options: { algorithms: string[]; issuer: string; audience: string },
    ): string | { sub?: string }
  }
  export default jsonwebtoken
}
