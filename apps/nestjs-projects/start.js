// @ts-check
import { findNodeProblem } from './node-version.js'

// Everything else is imported after this: an old Node could not even read it.
const problem = findNodeProblem(process.versions.node)
if (problem === null) {
  import('./compile.js').then(({ compile }) => {
    if (!compile()) process.exitCode = 1
    else import(new URL('dist/main.js', import.meta.url).href).then(({ main }) => main())
  })
} else {
  console.error(problem)
  process.exitCode = 1
}
