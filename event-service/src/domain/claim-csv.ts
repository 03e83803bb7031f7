import type { GrantedReward } from '@laurel/shared/contracts'
import { claimStatuses } from './claim-status.ts'
import type { Claim, HistoryEntry } from './claim.ts'

/** The properties of an event that its exported claims show. */
export interface ExportedEvent {
  readonly name: string
  readonly timeZone: string
}

/** The columns of the export, in their order. */
export const claimColumns = [
  'claimId', 'eventId', 'eventName', 'userId', 'period', 'status', 'code', 'createdAt', 'grantedAt', 'grantedLocal',
  'timeZone', 'rewardId', 'type', 'name', 'amount', 'currency', 'itemId', 'couponCode', 'delivery', 'lastBy', 'lastNote'
] as const

type Row = Readonly<Record<(typeof claimColumns)[number], string>>

/** The first line: a byte order mark, by which Excel knows that the text is UTF-8, and the columns. */
export const csvHeader = `\uFEFF${claimColumns.join(',')}\r\n`

/**
 * Returns a claim as lines of CSV (RFC 4180), one for each of its rewards, or one if it has none.
 * @param event its event. If it was deleted, its cells are empty.
 * @param showsCodes whether the reader may see coupon codes.
 */
export function claimLines (claim: Claim, event: ExportedEvent | undefined, showsCodes: boolean): string {
  const common = commonCells(claim, event)
  const rows = claim.rewards.length === 0
    ? [{ ...common, ...noReward }]
    : claim.rewards.map(reward => ({ ...common, ...rewardCells(claim, reward, showsCodes) }))
  return rows.map(toLine).join('')
}

function commonCells ({ history, ...claim }: Claim, event: ExportedEvent | undefined) {
  // Every claim has a history.
  const last = history.at(-1) as HistoryEntry
  const timeZone = event?.timeZone ?? ''
  return {
    claimId: idCell(claim.id),
    eventId: idCell(claim.eventId),
    eventName: textCell(event?.name ?? ''),
    userId: idCell(claim.userId),
    // `2026-11` would become the first day of a month.
    period: idCell(claim.period),
    status: claim.status,
    code: claim.code ?? '',
    createdAt: claim.createdAt.toISOString(),
    grantedAt: claim.grantedAt?.toISOString() ?? '',
    grantedLocal: claim.grantedAt === undefined || event === undefined ? '' : localTime(claim.grantedAt, timeZone),
    timeZone,
    delivery: claim.delivery?.status ?? 'PENDING',
    lastBy: idCell(last.by),
    lastNote: textCell(last.note ?? '')
  }
}

function rewardCells ({ status }: Claim, reward: GrantedReward, showsCodes: boolean) {
  const isShown = showsCodes && claimStatuses[status].showsCouponCodes
  return {
    rewardId: idCell(reward.rewardId),
    type: reward.type,
    name: textCell(reward.name),
    amount: String(reward.amount),
    currency: idCell(reward.currency ?? ''),
    itemId: idCell(reward.itemId ?? ''),
    couponCode: isShown ? idCell(reward.couponCode ?? '') : ''
  }
}

const noReward = { rewardId: '', type: '', name: '', amount: '', currency: '', itemId: '', couponCode: '' }

function toLine (row: Row): string {
  return `${claimColumns.map(column => quoted(row[column])).join(',')}\r\n`
}

/** RFC 4180, 2.6 and 2.7. */
function quoted (cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

// OWASP, "CSV Injection": a cell that begins so is a formula to a spreadsheet. The full-width forms are, too, in some.
const formula = /^[=+\-@\t\r\n＝＋－＠]/

/** Returns text that a spreadsheet shows unchanged and never evaluates. */
function textCell (text: string): string {
  return formula.test(text) ? `'${text}` : text
}

/** Text that a spreadsheet turns into a number, a date or a Boolean: `007`, `12e345`, `1-2`, `MAR-5`, `TRUE`. */
const converted = [
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i,
  /^\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?$/,
  /^(?:\d{1,4}[- ]?)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- ]?\d{0,4}$/i,
  /^(?:true|false)$/i
]

/** Returns an id that a spreadsheet never converts: as a number it would lose its digits after the fifteenth. */
function idCell (id: string): string {
  return converted.some(pattern => pattern.test(id)) ? `'${id}` : textCell(id)
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Returns an instant as `2026-11-30 23:59:59` in a time zone. */
function localTime (instant: Date, timeZone: string): string {
  let formatter = formatters.get(timeZone)
  if (formatter === undefined) {
    // sv-SE writes dates and times as ISO 8601 does, with a space between them.
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    formatters.set(timeZone, formatter)
  }
  return formatter.format(instant)
}
