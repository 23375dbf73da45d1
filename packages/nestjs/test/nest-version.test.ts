import manifest from '@nestjs/core/package.json' with { type: 'json' }
import { expect, test } from 'vitest'
import { MAJOR } from './nest-platform.ts'

test('these tests run on the major that they say', () => {
  expect(manifest.version.split('.')[0]).toBe(MAJOR)
})
