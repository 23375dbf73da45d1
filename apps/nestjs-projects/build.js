// @ts-check
import { compile } from './compile.js'

if (!compile()) process.exitCode = 1
