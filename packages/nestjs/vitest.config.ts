import { defineConfig } from 'vitest/config'

const source = { conditions: ['@hallpass/source', 'node'] }

/** The tests of this package on Nest 12. */
export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  // Nest's decorators are TypeScript's older ones.
  oxc: { decorator: { legacy: true } },
  test: {
    name: 'nestjs',
    root: import.meta.dirname,
    include: ['test/**/*.test.ts'],
    env: { NEST_MAJOR: '12' },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
})
