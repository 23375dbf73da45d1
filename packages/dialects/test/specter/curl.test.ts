import { execFile } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { HOSTS } from '../hosts.ts'
import { startSpecter } from './start-specter.ts'

/**
 * The documented lines (docs.specter.solutions, API and JWT tokens). Only the server's address, the password and what
 * stands in angle brackets are replaced; what a pipe into jq does is left to JSON.parse.
 */
const CREATE_30_DAYS = `curl -u admin:password --location --request POST 'http://127.0.0.1:25441/api/v1alpha/token' \\
--header 'Content-Type: application/json' \\
-d '{
    "jwt_token_description": "A free description here to know for what the token is used",
    "jwt_token_life": "30 days"
}'`
const CREATE_6_HOURS = `curl -u admin:password --location --request POST 'http://127.0.0.1:25441/api/v1alpha/token' \\
--header 'Content-Type: application/json' \\
-d '{
    "jwt_token_description": "Token specter",
    "jwt_token_life": "6 hours"
}'`
const SHOW = `curl -s -u admin:secret --location --request GET 'http://127.0.0.1:25441/api/v1alpha/token/<jwt_token_id>'`
const SHOW_LOUD = `curl -u admin:secret --location --request GET 'http://127.0.0.1:25441/api/v1alpha/token/<jwt_token_id>'`
const DELETE = `curl -u admin:secret --location --request DELETE 'http://127.0.0.1:25441/api/v1alpha/token/<jwt_token_id>'`
const USE = `curl -s --location --request GET 'http://127.0.0.1:25441/api/v1alpha/<endpoint>' \\
--header 'Authorization: Bearer <token>'`

describe.each(HOSTS)('specter under curl in %s', (_name, startHost) => {
  it('the documented curl lines work as they stand', async () => {
    const { url } = await startSpecter(startHost)
    const run = async (line: string, replaced: Readonly<Record<string, string>> = {}) => {
      let text = line.replace('http://127.0.0.1:25441', url).replace('admin:secret', 'admin:password')
      for (const [name, value] of Object.entries(replaced)) text = text.replace(`<${name}>`, value)
      return JSON.parse(await runShell(text)) as Record<string, string>
    }
    const long = await run(CREATE_30_DAYS)
    expect(long).toEqual({
      message: 'Token generated',
      jwt_token_id: expect.any(String),
      jwt_token: expect.any(String),
      jwt_token_description: 'A free description here to know for what the token is used',
      jwt_token_life: 2592000,
    })
    const short = await run(CREATE_6_HOURS)
    expect(short).toMatchObject({ jwt_token_description: 'Token specter', jwt_token_life: 21600 })
    const { jwt_token_id = '', jwt_token: token = '' } = short
    const shown = {
      message: 'Tokens exists',
      jwt_token_description: 'Token specter',
      jwt_token_life: 21600,
      jwt_token_life_remaining: 21600,
      expiry_status: 'Valid',
    }
    expect(await run(SHOW, { jwt_token_id })).toEqual(shown)
    expect(await run(SHOW_LOUD, { jwt_token_id })).toEqual(shown)
    const who = { username: 'admin', jwt_token_id, jwt_token_description: 'Token specter' }
    expect(await run(USE, { endpoint: 'whoami', token })).toEqual(who)
    expect(await run(DELETE, { jwt_token_id })).toEqual({ message: 'Token deleted' })
    expect(await run(USE, { endpoint: 'whoami', token })).toEqual({
      message: 'the access token has been revoked',
    })
  })
})

function runShell(line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', line], { env: { PATH: process.env.PATH } }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(error)
    })
  })
}
