// @ts-check
import { createCurlLines } from './curl-lines.js'

/**
 * What is printed at the start.
 * @param {object} facts
 * @param {string} facts.origin
 * @param {string} facts.database where tokens and keys are
 * @param {string | null} facts.generatedPassword null = the operator chose one; it is not printed
 */
export function createBanner({ origin, database, generatedPassword }) {
  const { issue, spend } = createCurlLines(origin, generatedPassword)
  return [
    `koa-metered is ready: ${origin}/`,
    `Tokens and keys: ${database}`,
    ...describeAdmin(generatedPassword),
    '',
    'Issue a token with 20 credits for 30 days',
    issue,
    '',
    'Spend one of them; X-Credits-Remaining says what is left',
    spend,
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
