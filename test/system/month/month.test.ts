import t, { type Test } from 'tap'
import { claimAgain, claimWave, stopEvent } from './claims.ts'
import { compareExport, compareLists } from './compare-claims.ts'
import { compareEvents, compareStats } from './compare-events.ts'
import { compareUsers } from './compare-users.ts'
import { grantByList, reviewAll, revokeSome } from './operators.ts'
import { pausedHour } from './pause.ts'
import { setStage } from './stage.ts'

const seed = Number(process.env['MONTH_SEED'] ?? 20261125)
const players = Number(process.env['MONTH_PLAYERS'] ?? 2000)

t.test('the numbers of a month are those that follow from its activities and from what was asked', async t => {
  const stage = await setStage(t, { seed, players })
  const { differences, books, events } = stage
  const startedAt = performance.now()
  function check (t: Test, what: string): void {
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    t.strictSame(differences.splice(0, 20), [], `${what} (seed ${seed}, ${seconds} s)`)
  }

  t.equal(events.length, 40)
  await claimWave(stage, 1)
  check(t, 'claims')
  await claimWave(stage, 2)
  check(t, 'claims of events that count grants')
  await claimAgain(stage, 'again', 0.05)
  check(t, 'claims, again')
  const cut = new Date()
  await pausedHour(stage)
  check(t, 'a pause')
  await stopEvent(stage, 'stopped')
  await grantByList(stage)
  check(t, 'grants by list')
  await reviewAll(stage)
  check(t, 'reviews')
  await revokeSome(stage)
  check(t, 'revocations')
  await claimAgain(stage, 'after the reviews', 0.1)
  check(t, 'claims after reviews and revocations')

  await compareExport(stage)
  check(t, 'the export')
  await compareLists(stage)
  check(t, 'lists of claims')
  await compareEvents(stage)
  check(t, 'stock, codes and statistics of each event')
  await compareStats(stage, cut)
  check(t, 'the settlement')
  await compareUsers(stage)
  check(t, 'wallets, ledgers and progress')

  const statuses = new Set([...books.entries.values()].map(({ status }) => status))
  t.strictSame([...statuses].sort(), ['FAILED', 'GRANTED', 'PENDING', 'REJECTED', 'REVOKED'])
})
