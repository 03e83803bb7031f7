import { claimAgain, claimWave, stopEvent } from './claims.ts'
import { compareExport, compareLists } from './compare-claims.ts'
import { checkVariety, compareEvents, compareStats } from './compare-events.ts'
import { compareUsers } from './compare-users.ts'
import { grantByList, reviewAll, revokeSome } from './operators.ts'
import { pausedHour } from './pause.ts'
import { setStage, type Stage } from './stage.ts'

/** The result of a part of the month, as a line of JSON. */
export interface Part {
  readonly name: string
  readonly differences: readonly string[]
  /** The CPU time of this process so far, including the servers, in seconds. */
  readonly seconds: number
}

// main.ts SEED PLAYERS: plays a month on servers in this process, and writes one `Part` per line. It is a separate
// process to avoid tap's hooks, which make each request a third more expensive.
const [seed = 1, players = 100] = process.argv.slice(2).map(Number)
const cleanups: Array<() => unknown> = []

function tell (name: string, { differences }: Stage): void {
  const { user, system } = process.cpuUsage()
  const part: Part = { name, differences: differences.splice(0), seconds: Math.round((user + system) / 1e6) }
  process.stdout.write(`${JSON.stringify({ ...part, differences: part.differences.slice(0, 20) })}\n`)
}

try {
  const stage = await setStage({ teardown: cleanup => { cleanups.push(cleanup) } }, { seed, players })
  tell('activities', stage)
  let cut = new Date()
  for (const [name, play] of [
    ['claims', async () => { await claimWave(stage, 1) }],
    ['claims of events that count grants', async () => { await claimWave(stage, 2) }],
    ['claims, again', async () => { await claimAgain(stage, 'again', 0.03) }],
    ['a pause', async () => {
      cut = new Date()
      await pausedHour(stage)
    }],
    ['an event is switched off', async () => { await stopEvent(stage, 'stopped') }],
    ['grants by list', async () => { await grantByList(stage) }],
    ['reviews', async () => { await reviewAll(stage) }],
    ['revocations', async () => { await revokeSome(stage) }],
    ['claims after reviews and revocations', async () => { await claimAgain(stage, 'after the reviews', 0.05) }],
    ['everything happened', async () => { checkVariety(stage) }],
    ['the export', async () => { await compareExport(stage) }],
    ['lists of claims', async () => { await compareLists(stage) }],
    ['stock, codes and statistics of each event', async () => { await compareEvents(stage) }],
    ['the settlement', async () => { await compareStats(stage, cut) }],
    ['wallets, ledgers, coupons and progress', async () => { await compareUsers(stage) }]
  ] as const) {
    await play()
    tell(name, stage)
  }
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup()
}
