// @ts-check
import { createCurlLines } from './curl-lines.js'

/**
 * What is printed at the start.
 * @param {object} facts
 * @param {string} facts.origin
 * @param {string} facts.dataDir
 * @param {string | null} facts.generatedPassword null = the operator chose one; it is not printed
 * @param {string} facts.link
 */
export function createBanner({ origin, dataDir, generatedPassword, link }) {
  const { issue, download } = createCurlLines(origin, generatedPassword)
  return [
    `express-files is ready: ${origin}/`,
    `Tokens and keys: ${dataDir}`,
    ...describeAdmin(generatedPassword),
    '',
    'Issue a token for /files/reports/: 6 hours, 5 downloads',
    issue,
    '',
    'Download a file with it',
    download,
    '',
    'Or open this link in a browser (1 hour, 20 requests, this one file)',
    link,
    '',
  ].join('\n')
}

/** @param {string | null} generatedPassword */
function describeAdmin(generatedPassword) {
  if (generatedPassword === null)
    return ['User: admin, with your ADMIN_PASSWORD (curl asks for it where it is not set)']
  return [
    'User: admin, with a password for this run; set ADMIN_PASSWORD to choose one',
    `ADMIN_PASSWORD=${generatedPassword}`,
  ]
}
