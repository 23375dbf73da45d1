import { createPublicKey, type KeyObject } from 'node:crypto'

/** AlgorithmIdentifier of an RSA key for any padding: rsaEncryption, NULL. @see RFC 8017 appendix A.1 */
const RSA_ENCRYPTION = Buffer.from('300d06092a864886f70d0101010500', 'hex')

/** Last byte of the digest's object identifier, and its length: PSS in JOSE has a salt as long as the digest. */
const DIGESTS: Record<string, readonly [oid: string, saltLength: string]> = {
  sha256: ['01', '20'],
  sha384: ['02', '30'],
  sha512: ['03', '40'],
}

/**
 * The public key as one that is for RSASSA-PSS with this digest and a salt as long as it, and for nothing else. OpenSSL
 * needs no options for such a key, which cost it more than a third of a verification.
 *
 * @param key a public key of type `rsa`, 2048 bits or more
 * @see RFC 4055 section 3.1 for the parameters, RFC 7518 section 3.5 for the salt
 */
export function toRsaPssKey(key: KeyObject, digest: string): KeyObject {
  const spki = key.export({ format: 'der', type: 'spki' })
  const at = spki.indexOf(RSA_ENCRYPTION)
  const [oid, saltLength] = DIGESTS[digest] ?? []
  if (at === -1 || oid === undefined) throw new TypeError('no RSA key, or a digest that PSS is not used with')
  const hash = `300d06096086480165030402${oid}0500`
  const parameters = `3034a00f${hash}a11c301a06092a864886f70d010108${hash}a2030201${saltLength}`
  const algorithm = Buffer.from(`304106092a864886f70d01010a${parameters}`, 'hex')
  const content = Buffer.concat([algorithm, spki.subarray(at + RSA_ENCRYPTION.length)])
  // A key of 2048 bits takes more than 255 bytes, so that the length always has two bytes of its own.
  const head = Buffer.from([0x30, 0x82, content.length >> 8, content.length & 0xff])
  return createPublicKey({ key: Buffer.concat([head, content]), format: 'der', type: 'spki' })
}
