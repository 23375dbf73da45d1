import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Stands between what two blocks print. */
const BETWEEN = 'echo; echo ----'

/** The shell blocks of a README, with the app at `origin`, as one script. @see splitPrinted */
export function toScript(readme: string, origin: string): string {
  return [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .map(([, lines = '']) => lines.replaceAll('http://localhost:3000', origin))
    .join(`\n${BETWEEN}\n`)
}

/** What each block of such a script has printed. */
export function splitPrinted(printed: string): readonly string[] {
  return printed.split('----\n')
}

/** The variables that an app reads, that its README has in its table, and that `.env.example` names; each in order. */
export function readVariables(
  folder: string,
  settings: string,
): Record<'read' | 'explained' | 'shown', readonly string[]> {
  const find = (file: string, pattern: RegExp): readonly string[] =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(pattern)].map(([, name = '']) => name).sort()
  return {
    read: [...new Set(find(settings, /\benv\.([A-Z0-9_]+)/g))],
    explained: find('README.md', /^\| `([A-Z0-9_]+)` \|/gm),
    shown: find('.env.example', /^([A-Z0-9_]+)=/gm),
  }
}
