import type { GrantedReward } from '@laurel/shared/contracts'
import { createFormatters } from './calendar.ts'
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

/** Digits and signs: a number, an amount, a fraction, a date, or a time, such as `007`, `(5)`, `1.000,50` or `9:00`. */
const digitsAndSigns = /^[\d\s.,:;/+\-−()%'’\p{Sc}]+$/u
const exponent = /(?<=\d)e(?=[+-]?\d)/i
const halfOfDay = /(?<=\d)(?:\s?[ap]\.?m\.?|\s[ap])$/i
const monthName =
  /^(?:\d{1,4}[-/.,\s]{0,3})?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:[-/.,\s]{0,3}\d{1,4}){0,2}$/i
/** A date, a time, or both, in Korean, Chinese or Japanese. */
const eastAsian = new RegExp(`^${[
  /(?:\d{2,4}[년年]\s?)?(?:\d{1,2}[월月]\s?)?(?:\d{1,2}[일日]\s?)?/,
  /(?:오전|오후|上午|下午|午前|午後)?\s?/,
  /(?:\d{1,2}[시時时]\s?(?:\d{1,2}[분分]\s?)?(?:\d{1,2}[초秒])?|\d{1,2}(?::\d{1,2}){0,2})?/
].map(({ source }) => source).join('')}$`)
const booleanOrError = /^(?:true|false|#(?:n\/a|div\/0!|name\?|null!|num!|ref!|value!))$/i

/** Whether a spreadsheet converts the text to a number, a date, a time, a Boolean, or an error. */
function isConverted (text: string): boolean {
  // Spreadsheets also read full-width digits and signs.
  const plain = text.trim().normalize('NFKC')
  if (booleanOrError.test(plain) || monthName.test(plain)) return true
  if (!/\d/.test(plain)) return false
  return digitsAndSigns.test(plain.replace(exponent, '').replace(halfOfDay, '')) || eastAsian.test(plain)
}

/**
 * Returns text that a spreadsheet shows unchanged. The spreadsheet does not evaluate it, and does not convert it to a
 * number, which would lose all digits after the fifteenth.
 */
function textCell (text: string): string {
  return formula.test(text) || isConverted(text) ? `'${text}` : text
}

const formatterOf = createFormatters({ dateStyle: 'short', timeStyle: 'medium' })

/** Returns an instant as `2026-11-30 23:59:59` in a time zone. */
function localTime (instant: Date, timeZone: string): string {
  return formatterOf(timeZone).format(instant)
}
