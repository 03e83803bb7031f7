// Measures the coverage of a child process for tap, which counts the same files there. tap's own preloads would do more
// than that, and take a fifth of the start.
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { fileURLToPath } from 'node:url'

const { _TAPJS_PROCESSINFO_COVERAGE_: isMeasured, _TAPJS_PROCESSINFO_COV_FILES_: files = '' } = process.env

if (isMeasured === '1') {
  const counted = new Set(files.split('\n'))
  const dir = fileURLToPath(new URL('../../../.tap/coverage/', import.meta.url))
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  process.on('exit', () => {
    session.post('Profiler.takePreciseCoverage', (_error, { result }) => {
      const scripts = result.filter(({ url }) => url.startsWith('file:') && counted.has(fileURLToPath(url)))
      mkdirSync(dir, { recursive: true })
      writeFileSync(`${dir}${randomUUID()}.json`, JSON.stringify({ result: scripts, 'source-map-cache': {} }))
    })
  })
}
