import { defineConfig } from 'vitest/config'

/** Tests and type checks run from source: the `@hallpass/source` condition of every package's exports. */
const source = { conditions: ['@hallpass/source', 'node', 'module', 'default'] }

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    globalSetup: ['./packages/testing/src/host-table.ts'],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: {
        'packages/core/src/**': { lines: 95 },
        'packages/http/src/**': { lines: 95 },
      },
    },
  },
})
