// RFC 3339, 5.6, with the offset required. Fractions finer than a millisecond are cut off, not rounded.
const pattern = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/

const earliest = Date.UTC(2000, 0, 1)
const end = Date.UTC(2101, 0, 1)

/**
 * Reads an RFC 3339 instant with an offset, years 2000 to 2100 (as UTC).
 * Everything else is undefined: no leap second (`:60`), no 30 February, no `24:00`.
 * The one parser of the project: Ajv's own `date-time` is laxer, and the driver stores an invalid Date as 1970.
 */
export function parseInstant (text: string): Date | undefined {
  const parts = pattern.exec(text)
  if (parts === null) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [number, number, number, number, number, number]
  const millisecond = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3))
  const offsetHour = Number(parts[9] ?? 0)
  const offsetMinute = Number(parts[10] ?? 0)
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return undefined

  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, millisecond))
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined
  const offset = (offsetHour * 60 + offsetMinute) * 60_000 * (parts[8] === '-' ? -1 : 1)
  const instant = local.getTime() - offset
  return instant >= earliest && instant < end ? new Date(instant) : undefined
}
