import { configDefaults, defineConfig } from 'vitest/config'

/** Tests and type checks run from source: the `@hallpass/source` condition of every package's exports. */
const source = { conditions: ['@hallpass/source', 'node', 'module', 'default'] }

export default defineConfig({
  test: {
    projects: [
      {
        resolve: source,
        ssr: { resolve: source },
        // The dialects are tested on Nest as well, whose decorators are TypeScript's older ones.
        oxc: { decorator: { legacy: true } },
        test: {
          name: 'all',
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'packages/nestjs/**'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          pool: 'forks',
        },
      },
      'packages/nestjs/vitest.config.ts',
      'packages/nestjs-11/vitest.config.ts',
    ],
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
