// @ts-check

const REQUEST = JSON.stringify({ subject: 'acme', paths: ['/v1/'], expiresIn: '30 days', credits: 20 })
const TO_TOKEN = `sed -n 's/.*"token":"\\([^"]*\\)".*/\\1/p'`
/** The password of the shell's environment; without one curl asks for it. */
const ASK = `-u "admin\${ADMIN_PASSWORD:+:$ADMIN_PASSWORD}"`

/**
 * Lines for a POSIX shell. `issue` puts a new token into `$TOKEN` and shows it; `spend` uses it.
 * @param {string} origin
 * @param {string | null} password null = it is not to be shown
 */
export function createCurlLines(origin, password) {
  const user = password === null ? ASK : `-u 'admin:${password}'`
  const json = "-H 'content-type: application/json'"
  return {
    issue: `TOKEN=$(curl -fsS ${user} ${json} -d '${REQUEST}' ${origin}/tokens | ${TO_TOKEN}); echo "$TOKEN"`,
    spend: `curl -sSi -H "authorization: Bearer $TOKEN" '${origin}/v1/quotes?to=NO&grams=1500'`,
  }
}
