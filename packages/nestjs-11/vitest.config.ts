import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const source = { conditions: ['@hallpass/source', 'node'] }

/** The same tests on Nest 11: every `@nestjs/*` is the one of this folder. */
export default defineConfig({
  resolve: {
    ...source,
    alias: [{ find: /^@nestjs\//, replacement: `${join(import.meta.dirname, 'node_modules', '@nestjs')}/` }],
  },
  ssr: { resolve: source },
  oxc: { decorator: { legacy: true } },
  test: {
    name: 'nestjs-11',
    root: join(import.meta.dirname, '..', 'nestjs'),
    include: ['test/**/*.test.ts'],
    env: { NEST_MAJOR: '11' },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
})
