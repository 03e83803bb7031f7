// Lets Node.js run TypeScript. Types are replaced with spaces, as in Node.js 22.18 and later, with the same library.
// Positions in stack traces and coverage stay the same, so no source maps are needed.
import { register } from 'node:module'

register('./strip-types-hooks.mjs', import.meta.url)
