/** Returns the strong entity tag of a version (RFC 9110, 8.8.3). */
export function etagOf (version: number): string {
  return `"${version}"`
}

/**
 * Parses `If-Match` (RFC 9110, 13.1.1): a list of entity tags, or `*` for any version. Returns a predicate: whether the
 * header allows a change of a version. Without the header every version matches. Weak tags never match.
 */
export function parseIfMatch (header: string | undefined): (version: number) => boolean {
  if (header === undefined || header.trim() === '*') return () => true
  const tags = header.split(',').map(tag => tag.trim())
  return version => tags.includes(etagOf(version))
}
