// @ts-check

/** A file that a token for `/files/reports/` opens. */
export const SAMPLE_PATH = '/files/reports/2026-q1.txt'

const REQUEST = JSON.stringify({ paths: ['/files/reports/'], expiresIn: '6 hours', credits: 5 })
const TO_TOKEN = `sed -n 's/.*"token":"\\([^"]*\\)".*/\\1/p'`
/** The password of the shell's environment; without one curl asks for it. */
const ASK = `-u "admin\${ADMIN_PASSWORD:+:$ADMIN_PASSWORD}"`

/**
 * Lines for a POSIX shell. `issue` puts a new token into `$TOKEN` and shows it; `download` uses it.
 * @param {string} origin
 * @param {string | null} password null = it is not to be shown
 */
export function createCurlLines(origin, password) {
  const user = password === null ? ASK : `-u 'admin:${password}'`
  const json = "-H 'content-type: application/json'"
  return {
    issue: `TOKEN=$(curl -fsS ${user} ${json} -d '${REQUEST}' ${origin}/tokens | ${TO_TOKEN}); echo "$TOKEN"`,
    download: `curl -sS -H "authorization: Bearer $TOKEN" ${origin}${SAMPLE_PATH}`,
    list: `curl -sS ${user} ${origin}/tokens`,
    revoke: `curl -sS ${user} -X DELETE ${origin}/tokens/ID`,
  }
}
