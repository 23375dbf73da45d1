// Writes the tables of packages/dialects/docs/*.md into packages/dialects/README.md, between its two markers, so that
// they stand in one place for a reader and in one place for a writer. `node scripts/dialects-readme.js`
import { readFileSync, writeFileSync } from 'node:fs'

const folder = new URL('../packages/dialects/', import.meta.url)
const APIS = ['i3d', 'specter', 'magicbell', 'data8', 'servicestack']
const BEGIN = '<!-- tables: written by scripts/dialects-readme.js -->'
const END = '<!-- end of tables -->'

/** @returns {string} the README as it should be */
export function dialectsReadme() {
  const readme = readFileSync(new URL('README.md', folder), 'utf8')
  const before = readme.slice(0, readme.indexOf(BEGIN) + BEGIN.length)
  const after = readme.slice(readme.indexOf(END))
  return `${before}\n\n${APIS.map(toSection).join('\n\n')}\n\n${after}`
}

/** @param {string} api */
function toSection(api) {
  const [head = '', ...sections] = readFileSync(new URL(`docs/${api}.md`, folder), 'utf8').split('\n## ')
  const title = head.split('\n')[0]?.replace('# ', '')
  const tables = sections
    .map((section) => ({ name: section.split('\n')[0], rows: readTables(section) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ name, rows }) => `**${title}. ${name}**\n\n${rows.join('\n')}`)
  return [`### ${title}`, `Set-up and options: [docs/${api}.md](docs/${api}.md).`, ...tables].join('\n\n')
}

/**
 * The tables whose rows are linked to tests.
 * @param {string} section
 */
function readTables(section) {
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  return rows.some((row) => row.includes('../test/'))
    ? rows.map((row) => row.replaceAll('](../test/', '](test/'))
    : []
}

if (process.argv[1]?.endsWith('dialects-readme.js'))
  writeFileSync(new URL('README.md', folder), dialectsReadme())
