// RFC 3339, 5.6, with a required offset. Digits beyond milliseconds are truncated, not rounded.
const date = String.raw`(\d{4})-(\d{2})-(\d{2})`
const time = String.raw`(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?`
const offset = String.raw`(?:[Zz]|([+-])(\d{2}):(\d{2}))`
const pattern = new RegExp(`^${date}[Tt]${time}${offset}$`)

const earliest = Date.UTC(2000, 0, 1)
const end = Date.UTC(2101, 0, 1)

type Fields = [year: number, month: number, day: number, hour: number, minute: number, second: number]

/**
 * Parses an RFC 3339 timestamp with an offset, in the years 2000 to 2100 (UTC). Returns `undefined` for everything
 * else, such as a leap second (`:60`), February 30, or `24:00`. This is the only parser of timestamps: Ajv's
 * `date-time` accepts more, and MongoDB stores an invalid Date as 1970.
 */
export function parseInstant (text: string | undefined): Date | undefined {
  const match = text === undefined ? null : pattern.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Fields
  const millisecond = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const offsetHour = Number(match[9] ?? 0)
  const offsetMinute = Number(match[10] ?? 0)
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return undefined

  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, millisecond))
  // `Date.UTC` turns February 30 into March 1 or 2.
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined
  const offsetMs = (offsetHour * 60 + offsetMinute) * 60_000 * (match[8] === '-' ? -1 : 1)
  const instant = local.getTime() - offsetMs
  return instant >= earliest && instant < end ? new Date(instant) : undefined
}
