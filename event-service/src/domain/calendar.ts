const formatters = new Map<string, Intl.DateTimeFormat>()

/** Makes a formatter once a zone: making one costs a thousand uses. */
function formatterOf (timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone)
  if (formatter === undefined) {
    // en-CA writes dates as ISO 8601 does.
    formatter = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    formatters.set(timeZone, formatter)
  }
  return formatter
}

/** The calendar date `YYYY-MM-DD` of an instant in an IANA zone, daylight saving included. */
export function localDate (instant: Date, timeZone: string): string {
  return formatterOf(timeZone).format(instant)
}
