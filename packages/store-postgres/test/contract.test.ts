import { describeTokenStore } from '@hallpass/testing'
import type pg from 'pg'
import { createPostgresStore } from '../src/index.ts'
import { createSchemaName, useDatabase } from './test-database.ts'

const database = useDatabase()
let pools: { readonly first: pg.Pool; readonly second: pg.Pool } | null = null

describeTokenStore('PostgreSQL', async () => {
  pools ??= { first: database.openPool(), second: database.openPool() }
  const { first, second } = pools
  const schema = createSchemaName()
  return {
    store: await createPostgresStore(first, { schema }),
    reopen: () => createPostgresStore(second, { schema }),
    dispose: () => database.dropSchema(schema),
  }
})
