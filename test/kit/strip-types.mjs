// Node.js 20 learns to run TypeScript, as 22.18 and later do by themselves and with the same library: types become blanks,
// so that every position stays what it is in the source, also in stack traces and coverage, and no source map is needed.
import { register } from 'node:module'

if (process.features.typescript === undefined) register('./strip-types-hooks.mjs', import.meta.url)
