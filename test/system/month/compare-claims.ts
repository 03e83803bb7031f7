import type { Entry, RewardOfEvent } from './books.ts'
import { wallTime } from './calendar.ts'
import { parseCsv } from './csv.ts'
import { readAll } from './operators.ts'
import { inParallel, someOf, type Stage } from './stage.ts'

type Line = Readonly<Record<string, string>>

const columns = [
  'eventId', 'eventName', 'userId', 'period', 'status', 'code', 'grantedAt', 'grantedLocal', 'timeZone', 'type', 'name',
  'amount', 'currency', 'itemId', 'delivery'
] as const

/** Compares each line of the export with the expected claims. */
export async function compareExport (stage: Stage): Promise<void> {
  const { books, operator, auditor } = stage
  const lines = parseCsv(await operator.exportClaims())
  const found = lines.map(textOf).sort()
  const expected = [...books.entries.values()].flatMap(expectedLines).map(textOf).sort()
  books.differ('number of lines', found.length, expected.length)
  expected.forEach((line, index) => { books.differ('line of the export', found[index], line) })
  compareCodes(stage, lines)

  const audited = parseCsv(await auditor.exportClaims())
  books.differ('lines of the auditor', audited.map(textOf).sort(), found)
  books.differ('codes of the auditor', audited.filter(({ couponCode }) => couponCode !== ''), [])
}

function expectedLines (entry: Entry): Line[] {
  const { event, userId, period, status, code = '', grantedAt } = entry
  const { id, body: { name }, rules: { timeZone }, rewards } = event
  const common = {
    eventId: id,
    eventName: name,
    userId,
    // A spreadsheet would convert the name of a day or a month to a date.
    period: /^\d{4}-\d\d/.test(period) ? `'${period}` : period,
    status,
    code,
    grantedAt: grantedAt?.toISOString() ?? '',
    grantedLocal: grantedAt === undefined ? '' : wallTime(grantedAt, timeZone),
    timeZone,
    delivery: 'PENDING'
  }
  if (status === 'FAILED') return [{ ...common, type: '', name: '', amount: '', currency: '', itemId: '' }]
  return rewards.map(({ type, name, amount, currency = '', itemId = '' }: RewardOfEvent) =>
    ({ ...common, type, name, amount: String(amount), currency, itemId }))
}

function textOf (line: Line): string {
  return columns.map(column => line[column]).join(' | ')
}

/** Each granted coupon has a unique code from the pool of its event, and no other claim has a code. */
function compareCodes ({ books, events }: Stage, lines: readonly Line[]): void {
  for (const { id, key, codes } of events) {
    const coupons = lines.filter(({ eventId, type }) => eventId === id && type === 'COUPON')
    const shown = coupons.filter(({ couponCode }) => couponCode !== '')
    const holders = coupons.filter(({ status }) => status === 'GRANTED' || status === 'REVOKED')
    books.differ(`holders of codes of '${key}'`, shown.map(idOf).sort(), holders.map(idOf).sort())
    const used = new Set(shown.map(({ couponCode = '' }) => couponCode))
    books.differ(`different codes of '${key}'`, used.size, shown.length)
    books.differ(`codes of '${key}' that were never added`, [...used].filter(code => !codes.includes(code)), [])
  }
}

function idOf ({ claimId = '' }: Line): string {
  return claimId
}

/** Compares lists of claims, with and without filters. */
export async function compareLists (stage: Stage): Promise<void> {
  const { books, auditor, clientOf, random, players } = stage
  const all = [...books.entries.values()]
  for (const status of ['PENDING', 'REJECTED', 'REVOKED'] as const) {
    const found = await readAll(async page => await auditor.listClaims({ ...page, status }))
    const expected = all.filter(entry => entry.status === status)
    books.differ(`claims that are ${status}`, found.map(({ id }) => id).sort(), expected.map(({ id }) => id).sort())
  }
  const own = random.fork('lists of users')
  await inParallel(someOf(players, own), async ({ id }) => {
    const found = await readAll(clientOf(id).listMyClaims)
    books.differ(`claims of ${id}`,
      found.map(({ eventId, period, status, attempts }) => `${eventId} ${period} ${status} ${attempts}`).sort(),
      books.ofUser(id)
        .map(({ event, period, status, attempts }) => `${event.id} ${period} ${status} ${attempts}`).sort())
  })
}
