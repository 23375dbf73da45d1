import { createScript, type Script } from '../script.ts'
import { KEY_NAMES } from './key-names.ts'

/**
 * What has to be known before anything is stored. No shebang, so that a server that is too old can say so.
 * @returns a text, a number, nothing, and INFO
 */
export const PROBE = `return { 'text', 7, false, redis.call('INFO') }`

/** ARGV: the layout that this release writes. @returns the layout that the data has */
export const OPEN: Script = createScript(
  'always',
  KEY_NAMES,
  `
redis.call('SET', root .. 'schema', ARGV[1], 'NX')
return redis.call('GET', root .. 'schema')
`,
)
