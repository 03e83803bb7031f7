const candidates = [
  'Asia/Seoul', 'America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'America/Los_Angeles', 'Australia/Sydney',
  'Pacific/Auckland', 'America/Sao_Paulo'
] as const

export type Zones = readonly [first: string, second: string, third: string]

/** In milliseconds. */
const quiet = 20 * 60_000

/** Returns three time zones in which no day begins in the next 20 minutes, neither at midnight nor at 05:00. */
export function quietZones (now: Date): Zones {
  const found = candidates.filter(timeZone => {
    const [from, to] = [minutesOf(now, timeZone), minutesOf(new Date(now.getTime() + quiet), timeZone)]
    return from < to && !(from < 300 && to >= 300)
  })
  const [first = '', second = '', third = ''] = found
  return [first, second, third]
}

/** Returns the minutes since midnight on the clocks of a time zone. */
function minutesOf (instant: Date, timeZone: string): number {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(instant)
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}
