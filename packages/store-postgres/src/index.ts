export { PostgresStoreError } from './postgres-error.ts'
export type {
  PostgresClient,
  PostgresPool,
  PostgresQuery,
  PostgresResult,
  PostgresValue,
} from './postgres-pool.ts'
export { createPostgresStore, type PostgresStoreOptions } from './postgres-store.ts'
export type { PostgresListener } from './revocation-listener.ts'
