/** Returns `true` for an IANA time zone that `Intl` supports, including old aliases and UTC. Offsets are not zones. */
export function isTimeZone (name: string): boolean {
  // Node.js accepts '+09:00' too, but a fixed offset knows no daylight saving time.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
