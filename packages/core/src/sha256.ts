import { hash } from 'node:crypto'

/** Lower-case hex SHA-256 of a text in UTF-8. */
export function toSha256(text: string): string {
  return hash('sha256', text, 'hex')
}
