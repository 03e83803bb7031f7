import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { clientTypes } from './client-types.ts'

// `npm pack --workspace client` runs it after the build. The next build writes the file anew.
const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
writeFileSync(`${root}/client/dist/types.d.ts`, clientTypes(root))
