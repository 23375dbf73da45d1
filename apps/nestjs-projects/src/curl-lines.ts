const TO_TOKEN = `sed -n 's/.*"token":"\\([^"]*\\)".*/\\1/p'`
/** The password of the shell's environment; without one curl asks for it. */
const ASK = `-u "admin\${ADMIN_PASSWORD:+:$ADMIN_PASSWORD}"`
const JSON_TYPE = "-H 'content-type: application/json'"
/** Made by the shell, so that no two installations have the same. */
const MAKE_PASSWORD = 'MY_PASSWORD=$(od -An -tx1 -N12 /dev/urandom | tr -d " \\n")'

export interface CurlLines {
  readonly setUp: readonly string[]
  /** Puts a new token into `$TOKEN` and shows it. */
  readonly issue: string
  readonly read: string
}

/**
 * Lines for a POSIX shell, to be pasted in this order.
 * @param password null = it is not to be shown
 */
export function createCurlLines(origin: string, password: string | null): CurlLines {
  const admin = password === null ? ASK : `-u 'admin:${password}'`
  const put = `curl -fsS ${admin} -X PUT ${JSON_TYPE}`
  return {
    setUp: [
      `${put} -d '{"title":"Aurora"}' ${origin}/projects/aurora; echo`,
      `${MAKE_PASSWORD}; ${put} -d '{"password":"'$MY_PASSWORD'"}' ${origin}/projects/aurora/users/alan; echo`,
    ],
    issue: `TOKEN=$(curl -fsS -u aurora/alan:$MY_PASSWORD ${JSON_TYPE} -d '{"expiresIn":"2 hours"}' ${origin}/tokens | ${TO_TOKEN}); echo "$TOKEN"`,
    read: `curl -sSi -H "authorization: Bearer $TOKEN" ${origin}/projects/aurora/documents/welcome.txt`,
  }
}
