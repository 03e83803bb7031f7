import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { inFullRun } from '../../kit/run/size.ts'
import { plainly } from '../../kit/servers/plainly.ts'
import type { Part } from './main.ts'

const run = promisify(execFile)
const args = ['--conditions=@laurel/source', '--import=./test/kit/run/strip-types.mjs']
const program = fileURLToPath(new URL('main.ts', import.meta.url))
const { MONTH_SEED: seed = '20261125', MONTH_PLAYERS: players = inFullRun(2000, 120) } = process.env

t.test('every number of a month is derived from its activities and requests', async t => {
  const { stdout } = await run(...plainly(process.execPath, [...args, program, seed, String(players)]), {
    maxBuffer: 64 * 1024 * 1024
  })
  const parts: Part[] = stdout.trim().split('\n').map(line => JSON.parse(line))
  for (const { name, differences, seconds } of parts) {
    t.strictSame(differences, [], `${name} (seed ${seed}, ${players} players, ${seconds} s of CPU so far)`)
  }
  t.equal(parts.length, 16, 'the month was completed')
})
