import type { GrantedReward } from '@laurel/shared/contracts'
import { claimStatuses } from './claim-status.ts'
import type { Claim, HistoryEntry } from './claim.ts'

/** The properties of an event that the export of its claims contains. */
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

/** The first line: a byte order mark, so that Excel reads the text as UTF-8, and the columns. */
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
    claimId: textCell(claim.id),
    eventId: textCell(claim.eventId),
    eventName: textCell(event?.name ?? ''),
    userId: textCell(claim.userId),
    // `2026-11` would become the first day of a month.
    period: textCell(claim.period),
    status: claim.status,
    code: claim.code ?? '',
    createdAt: claim.createdAt.toISOString(),
    grantedAt: claim.grantedAt?.toISOString() ?? '',
    grantedLocal: claim.grantedAt === undefined || event === undefined ? '' : localTime(claim.grantedAt, timeZone),
    timeZone,
    delivery: claim.delivery?.status ?? 'PENDING',
    lastBy: textCell(last.by),
    lastNote: textCell(last.note ?? '')
  }
}

function rewardCells ({ status }: Claim, reward: GrantedReward, showsCodes: boolean) {
  const isShown = showsCodes && claimStatuses[status].showsCouponCodes
  return {
    rewardId: textCell(reward.rewardId),
    type: reward.type,
    name: textCell(reward.name),
    amount: String(reward.amount),
    currency: textCell(reward.currency ?? ''),
    itemId: textCell(reward.itemId ?? ''),
    couponCode: isShown ? textCell(reward.couponCode ?? '') : ''
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

// OWASP, "CSV Injection": spreadsheets interpret cells with these prefixes as formulas; some also full-width forms.
const formula = /^[=+\-@\t\r\n＝＋－＠]/

/** Text that a spreadsheet converts to a number, a date, a time or a Boolean: `007`, `12e345`, `1-2`, `MAR-5`. */
const converted = [
  // Numbers, optionally with separators, a currency or a percent sign.
  /^[+-]?[$€£¥₩￦]?\s?(?:\d[\d,\s]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?\s?%?$/i,
  // Fractions, dates and times.
  /^\d{1,4}(?:[-/.:\s]{1,3}\d{1,4}){1,5}(?:\s?[ap]\.?m\.?)?$/i,
  /^\d{1,2}\s?[ap]\.?m\.?$/i,
  /^(?:\d{1,4}[-/.,\s]{0,3})?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:[-/.,\s]{0,3}\d{1,4}){0,2}$/i,
  /^(?:\d{2,4}년\s?)?(?:\d{1,2}월\s?)?(?:\d{1,2}일)?$/,
  /^(?:오전|오후)?\s?\d{1,2}시(?:\s?\d{1,2}분)?(?:\s?\d{1,2}초)?$/,
  /^(?:true|false)$/i
]

/**
 * Returns text that a spreadsheet shows unchanged. The spreadsheet does not evaluate it, and does not convert it to a
 * number, which would lose all digits after the fifteenth.
 */
function textCell (text: string): string {
  const trimmed = text.trim()
  const isText = trimmed === '' || !converted.some(pattern => pattern.test(trimmed))
  return formula.test(text) || !isText ? `'${text}` : text
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Returns an instant as `2026-11-30 23:59:59` in a time zone. */
function localTime (instant: Date, timeZone: string): string {
  let formatter = formatters.get(timeZone)
  if (formatter === undefined) {
    // sv-SE formats dates and times as in ISO 8601, with a space in between.
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    formatters.set(timeZone, formatter)
  }
  return formatter.format(instant)
}
