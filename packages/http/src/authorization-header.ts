// One header, one space, one credential; the scheme in any case (RFC 9110 section 11.4).
const BEARER = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i
const BASIC = /^basic ([A-Za-z0-9+/]+={0,2})$/i

/** The token of a Bearer header; null when there is none, more than one header, or another scheme. */
export function readBearer(authorization: readonly string[]): string | null {
  if (authorization.length !== 1) return null
  return BEARER.exec(authorization[0] ?? '')?.[1] ?? null
}

export interface BasicCredentials {
  readonly name: string
  readonly password: string
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The name and password of a Basic header, in UTF-8; null when there is none or it is malformed.
 * @see RFC 7617 section 2
 */
export function readBasic(authorization: readonly string[]): BasicCredentials | null {
  if (authorization.length !== 1) return null
  const encoded = BASIC.exec(authorization[0] ?? '')?.[1]
  if (encoded === undefined) return null
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) return null
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return null
  }
  const colon = text.indexOf(':')
  if (colon === -1 || /[\x00-\x1f\x7f]/.test(text)) return null
  return { name: text.slice(0, colon), password: text.slice(colon + 1) }
}
