// Lets Node.js run TypeScript: types become blanks, as in Node.js 22.18 and later, with the same library. Positions
// stay the same, also in stack traces and coverage, so there are no source maps.
import { register } from 'node:module'

register('./strip-types-hooks.mjs', import.meta.url)
