/** The strong validator of a versioned object (RFC 9110, 8.8.3). */
export function etagOf (version: number): string {
  return `"${version}"`
}

/**
 * Reads `If-Match` (RFC 9110, 13.1.1): a list of tags, or `*` for any.
 * @returns whether a change may be made on this version; always, where the header is absent. Weak tags never match.
 */
export function ifMatch (header: string | undefined): (version: number) => boolean {
  if (header === undefined || header.trim() === '*') return () => true
  const tags = header.split(',').map(tag => tag.trim())
  return version => tags.includes(etagOf(version))
}
