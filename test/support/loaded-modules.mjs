// Runs the built server SERVER. At exit, prints which CommonJS modules it has loaded with `require` or `import`, such
// as OpenTelemetry.
import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'

const { cache } = createRequire(import.meta.url)
process.on('exit', () => { writeSync(1, `\nloaded: ${Object.keys(cache).join(' ')}\n`) })
await import(`../../${process.env.SERVER}/dist/server.js`)
