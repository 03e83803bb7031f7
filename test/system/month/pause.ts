import { claimOne } from './claims.ts'
import { inParallel, type Stage } from './stage.ts'

/** An ADMIN pauses all granting while players claim. They try again after the pause. */
export async function pausedHour (stage: Stage): Promise<void> {
  const { books, ask, events, players, random, platform: { admin }, tokens } = stage
  const own = random.fork('pause')
  const due = events.filter(({ wave }) => wave === 1)
  const asked = players.filter(() => own.chance(0.15)).map(({ id }) => ({ id, event: own.pick(due) }))
  const refused: typeof asked = []
  const claiming = inParallel(asked, async one => {
    if (!await claimOne(stage, one.id, one.event)) refused.push(one)
  })
  await ask('PUT', '/v1/pause', admin.token, { paused: true, reason: 'Wrong amounts' })
  const from = new Date()
  await claiming
  books.differ('some claims are refused during the pause', refused.length > 0, true)

  const [first] = due
  const list = { grants: [{ userId: players[0]?.id }], condition: 'WAIVE', reason: 'A list' }
  const path = `/v1/events/${first?.id}/grants`
  books.differ('a list', (await ask('POST', path, tokens.operator, list, 503)).code, 'PAUSED')
  await ask('POST', `${path}?dryRun=true`, tokens.operator, list)
  const pending = [...books.entries.values()].filter(({ status }) => status === 'PENDING')
  const [approved, rejected] = pending.map(({ id }) => `/v1/claims/${id}`)
  books.differ('an approval', (await ask('POST', `${approved}/approve`, tokens.reviewer, {}, 503)).code, 'PAUSED')
  await ask('POST', `${rejected}/reject`, tokens.reviewer, { reason: 'A bot' })
  Object.assign(pending[1] ?? {}, { status: 'REJECTED' })
  const to = new Date()

  await ask('PUT', '/v1/pause', admin.token, { paused: false, reason: 'Corrected' })
  await inParallel(refused, async ({ id, event }) => {
    books.differ(`claim of ${id} after the pause is decided`, await claimOne(stage, id, event), true)
  })
  const within = [...books.entries.values()].filter(({ grantedAt }) =>
    grantedAt !== undefined && grantedAt >= from && grantedAt < to)
  books.differ('grants during the pause', within.map(({ id }) => id), [])
  books.checkStocks()
}
