// @ts-check
// Written for old versions of Node: it must run where the rest does not.

const NEEDED_MAJOR = 22
const NEEDED_MINOR = 14

/**
 * One line that says why this Node cannot run the app; null = it can.
 * @param {string} version as `process.versions.node` has it
 * @returns {string | null}
 */
export function findNodeProblem(version) {
  const parts = version.split('.').map(Number)
  const major = parts[0] || 0
  const minor = parts[1] || 0
  if (major > NEEDED_MAJOR || (major === NEEDED_MAJOR && minor >= NEEDED_MINOR)) return null
  return `nestjs-projects needs Node ${NEEDED_MAJOR}.${NEEDED_MINOR} or newer, and this is Node ${version}.`
}
