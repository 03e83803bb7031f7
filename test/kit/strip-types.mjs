// Makes Node.js run TypeScript by turning types into blanks, as Node.js 22.18 and later do by themselves, and with the same
// library. Every position stays what it is in the source, also in stack traces and coverage: there are no source maps.
import { register } from 'node:module'

register('./strip-types-hooks.mjs', import.meta.url)
