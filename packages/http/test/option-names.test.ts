import { ConfigurationError } from '@hallpass/core'
import { expect, test } from 'vitest'
import { basicAuth, managementHandler, oauthClients, tokenAuthorizer } from '../src/index.ts'
import { ADMIN, createService } from './management-call.ts'

const service = await createService()
const authorize = () => ADMIN
const users = { ada: { password: 'pw', principal: ADMIN } }
const clients = { cdn: { secret: 'pw', principal: ADMIN } }

/** With the members that a misspelt option is among, as callers without types write them. */
const CALLS: Readonly<Record<string, (options: object) => unknown>> = {
  'the management routes have': (more) => managementHandler(service, { authorize, ...more }),
  'basicAuth has': (more) => basicAuth({ users, ...more }),
  'oauthClients has': (more) => oauthClients(service, { clients, ...more }),
  'tokenAuthorizer has': (more) => tokenAuthorizer(service, { ...more }),
}

test.each(Object.entries(CALLS))('%s no options but its own', (whoHas, call) => {
  for (const name of ['origin', 'constructor', '', 'Authorize']) {
    expect(() => call({ [name]: undefined })).toThrow(ConfigurationError)
    expect(() => call({ [name]: undefined })).toThrow(`${whoHas} no option \`${name}\``)
  }
  expect(() => call({})).not.toThrow()
})

test('options are an object', () => {
  for (const options of [null, 7, 'origins']) {
    for (const call of [managementHandler, oauthClients, tokenAuthorizer]) {
      expect(() => Reflect.apply(call, undefined, [service, options])).toThrow(ConfigurationError)
    }
    expect(() => Reflect.apply(basicAuth, undefined, [options])).toThrow(ConfigurationError)
  }
})
