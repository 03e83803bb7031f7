import type { Entry, RunningEvent } from './books.ts'
import { dateOf, periodOf, plusDays } from './calendar.ts'
import { eventOf } from './claims.ts'
import type { Stage } from './stage.ts'

interface GrantList {
  readonly event: RunningEvent
  readonly userIds: readonly string[]
  readonly waive?: boolean
  readonly period?: string
  readonly isFile?: boolean
}

/** Operators grant to lists of users: for earlier days, weeks and months, and without the condition. */
export async function grantByList (stage: Stage): Promise<void> {
  const { events, now } = stage
  const own = stage.random.fork('lists')
  const some = (count: number): string[] =>
    [...new Set(Array.from({ length: count }, () => own.pick(stage.players).id))]
  const earlier = (event: RunningEvent, days: number): string =>
    periodOf(plusDays(dateOf(now, event.rules), -days), event.rules)

  for (const key of ['daily 0', 'daily 1', 'daily 2', 'one stock for all days']) {
    const event = eventOf(events, key)
    for (const days of [1, 2, 12]) await grant(stage, { event, userIds: some(300), period: earlier(event, days) })
  }
  for (const key of ['weekly 0', 'weekly 1', 'weekly 2', 'monthly 0']) {
    const event = eventOf(events, key)
    const days = key.startsWith('monthly') ? 28 : 9
    await grant(stage, { event, userIds: some(250), period: earlier(event, days), isFile: true })
  }
  await grant(stage, { event: eventOf(events, 'stopped'), userIds: some(100), waive: true })
  await grant(stage, { event: eventOf(events, 'stopped'), userIds: some(20) })
  await grant(stage, { event: eventOf(events, 'streak 1'), userIds: some(60), waive: true })
  stage.books.checkStocks()
}

/** Makes a dry run of a list first. Its result must match the grants. */
async function grant (stage: Stage, list: GrantList): Promise<void> {
  const { books } = stage
  const tried: any[] = await sendList(stage, list, true)
  const results: any[] = await sendList(stage, list, false)
  const { event, waive = false, period } = list
  results.forEach((result, index) => {
    const { userId } = result
    const byHand = { waive, ...(period !== undefined && { period }) }
    books.note({ event, userId, byHand }, result)
    books.differ(`dry run of '${event.key}' for ${userId}`, tried[index].code ?? 'ok', result.code ?? 'ok')
  })
  books.differ(`results of a list of '${event.key}'`, results.length, list.userIds.length)
}

async function sendList (
  { ask, platform, tokens }: Stage, { event, userIds, waive = false, period, isFile = false }: GrantList,
  dryRun: boolean
): Promise<any[]> {
  const [condition, reason] = [waive ? 'WAIVE' : 'CHECK', 'The list of November']
  const path = `/v1/events/${event.id}/grants?dryRun=${dryRun}`
  if (!isFile) {
    const grants = userIds.map(userId => ({ userId, ...(period !== undefined && { period }) }))
    return (await ask('POST', path, tokens.operator, { grants, condition, reason })).results
  }
  const response = await fetch(`${platform.urls.gateway}${path}&condition=${condition}&reason=List`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.operator}`, 'content-type': 'text/csv' },
    body: `userId,period\r\n${userIds.map(userId => `${userId},${period}\r\n`).join('')}`
  })
  return (await response.json() as { results: any[] }).results
}

/** Reads all rows of a list. */
export async function readAll ({ ask }: Stage, path: string, token: string): Promise<any[]> {
  const rows: any[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await ask('GET', `${path}${cursor === '' ? '' : `&cursor=${cursor}`}`, token)
    rows.push(...page.data)
    cursor = page.nextCursor
  }
  return rows
}

/** A second operator approves most of the pending claims, oldest first, and rejects the others. */
export async function reviewAll (stage: Stage): Promise<void> {
  const { books, ask, tokens } = stage
  const own = stage.random.fork('reviews')
  const pending = await readAll(stage, '/v1/claims?status=PENDING&order=asc&limit=100', tokens.reviewer)
  const open = [...books.entries.values()].filter(({ status }) => status === 'PENDING')
  books.differ('pending claims', pending.map(({ id }) => id).sort(), open.map(({ id }) => id).sort())
  for (let start = 0; start < pending.length; start += 100) {
    const decisions = pending.slice(start, start + 100).map(({ id }) => own.chance(0.75)
      ? { claimId: id, decision: 'APPROVE' }
      : { claimId: id, decision: 'REJECT', reason: 'A bot' })
    const { results } = await ask('POST', '/v1/claims/review', tokens.reviewer, { decisions })
    decisions.forEach(({ claimId, decision }, index) => {
      const { ok, claim } = results[index]
      const entry = open.find(({ id }) => id === claimId) as Entry
      entry.status = decision === 'APPROVE' ? 'GRANTED' : 'REJECTED'
      books.differ(`review of ${claimId}`, ok && claim.status, entry.status)
      if (entry.status === 'GRANTED') entry.grantedAt = new Date(claim.grantedAt)
    })
  }
}

/** An ADMIN revokes some grants, and tries to revoke a few claims that are not granted. */
export async function revokeSome (stage: Stage): Promise<void> {
  const { books, ask, platform: { admin } } = stage
  const own = stage.random.fork('revocations')
  const known = [...books.entries.values()].filter(({ id }) => id !== undefined)
  const chosen = known.filter(() => own.chance(0.05))
  for (let start = 0; start < chosen.length; start += 100) {
    const part = chosen.slice(start, start + 100)
    const body = { claimIds: part.map(({ id }) => id), reason: 'A wrong reward' }
    const { results } = await ask('POST', '/v1/claims/revoke', admin.token, body)
    part.forEach((entry, index) => {
      const { ok, code, claim } = results[index]
      const isGranted = entry.status === 'GRANTED'
      books.differ(`revocation of ${entry.id}`, ok ? claim.status : code, isGranted ? 'REVOKED' : 'NOT_GRANTED')
      if (!isGranted) return
      entry.status = 'REVOKED'
      entry.revokedAt = new Date(claim.updatedAt)
    })
  }
}
