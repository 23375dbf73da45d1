// @ts-check
import { findNodeProblem } from './src/node-version.js'

// Everything else is imported after this: an old Node could not even read it.
const problem = findNodeProblem(process.versions.node)
if (problem === null) {
  import('./src/move.js').then(({ move }) => move(process.argv.slice(2)))
} else {
  console.error(problem)
  process.exitCode = 1
}
