// Runs the built server that SERVER names. At its exit, prints which modules it has loaded by `require` or `import`,
// those of CommonJS, such as all of OpenTelemetry.
import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'

const { cache } = createRequire(import.meta.url)
process.on('exit', () => { writeSync(1, `\nloaded: ${Object.keys(cache).join(' ')}\n`) })
await import(`../../${process.env.SERVER}/dist/server.js`)
