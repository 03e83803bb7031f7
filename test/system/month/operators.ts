import type { ClaimDecision, GrantResult } from '@laurel/shared/contracts'
import type { Answered, Entry, RunningEvent } from './books.ts'
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

interface Page<T> {
  readonly data: readonly T[]
  readonly nextCursor: string | null
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
  const tried = await sendList(stage, list, 'true')
  const results = await sendList(stage, list, 'false')
  const { event, waive = false, period } = list
  const byHand = { waive, ...(period !== undefined && { period }) }
  const codeOf = (result?: Answered): string => result?.code ?? 'ok'
  list.userIds.forEach((userId, index) => {
    books.note({ event, userId, byHand }, results[index])
    books.differ(`dry run of '${event.key}' for ${userId}`, codeOf(tried[index]), codeOf(results[index]))
  })
  books.differ(`results of a list of '${event.key}'`, results.map(({ userId }) => userId), list.userIds)
}

async function sendList (
  { operator, sendCsv }: Stage, { event, userIds, waive = false, period, isFile = false }: GrantList,
  dryRun: 'true' | 'false'
): Promise<GrantResult[]> {
  const condition = waive ? 'WAIVE' : 'CHECK'
  if (!isFile) {
    const grants = userIds.map(userId => ({ userId, period }))
    const reason = 'The list of November'
    return (await operator.grantRewards({ eventId: event.id, grants, condition, reason, dryRun })).results
  }
  const csv = `userId,period\r\n${userIds.map(userId => `${userId},${period}\r\n`).join('')}`
  const path = `/v1/events/${event.id}/grants?dryRun=${dryRun}&condition=${condition}&reason=List`
  return (await sendCsv(path, csv)).results
}

/** Reads all pages of a list. */
export async function readAll<T> (
  readPage: (page: { readonly limit: number, readonly cursor?: string }) => Promise<Page<T>>
): Promise<T[]> {
  const rows: T[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Page<T> = await readPage({ limit: 100, cursor })
    rows.push(...page.data)
    cursor = page.nextCursor
  }
  return rows
}

/** A second operator approves most of the pending claims, oldest first, and rejects the others. */
export async function reviewAll (stage: Stage): Promise<void> {
  const { books, reviewer } = stage
  const own = stage.random.fork('reviews')
  const pending = await readAll(async page =>
    await reviewer.listClaims({ ...page, status: 'PENDING', order: 'asc' }))
  const open = [...books.entries.values()].filter(({ status }) => status === 'PENDING')
  books.differ('pending claims', pending.map(({ id }) => id).sort(), open.map(({ id }) => id).sort())
  for (let start = 0; start < pending.length; start += 100) {
    const decisions = pending.slice(start, start + 100).map(({ id: claimId }): ClaimDecision => own.chance(0.75)
      ? { claimId, decision: 'APPROVE' }
      : { claimId, decision: 'REJECT', reason: 'A bot' })
    const { results } = await reviewer.reviewClaims({ decisions })
    decisions.forEach(({ claimId, decision }, index) => {
      const { claim }: Answered = results[index] ?? { ok: false }
      const entry = open.find(({ id }) => id === claimId) as Entry
      entry.status = decision === 'APPROVE' ? 'GRANTED' : 'REJECTED'
      books.differ(`review of ${claimId}`, claim?.status, entry.status)
      if (entry.status === 'GRANTED') entry.grantedAt = new Date(claim?.grantedAt ?? NaN)
    })
  }
}

/** An ADMIN revokes some grants, and tries to revoke a few claims that are not granted. */
export async function revokeSome (stage: Stage): Promise<void> {
  const { books, admin } = stage
  const own = stage.random.fork('revocations')
  const known = [...books.entries.values()].filter(({ id }) => id !== undefined)
  const chosen = known.filter(() => own.chance(0.05))
  for (let start = 0; start < chosen.length; start += 100) {
    const part = chosen.slice(start, start + 100)
    const claimIds = part.flatMap(({ id }) => id ?? [])
    const { results } = await admin.revokeClaims({ claimIds, reason: 'A wrong reward' })
    part.forEach((entry, index) => {
      const { code, claim }: Answered = results[index] ?? { ok: false }
      const isGranted = entry.status === 'GRANTED'
      books.differ(`revocation of ${entry.id}`, claim?.status ?? code, isGranted ? 'REVOKED' : 'NOT_GRANTED')
      if (!isGranted) return
      entry.status = 'REVOKED'
      entry.revokedAt = new Date(claim?.updatedAt ?? NaN)
    })
  }
}
