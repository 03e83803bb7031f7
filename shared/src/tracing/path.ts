/** Matches a path segment that is a word or an id of Laurel. Does not match email addresses and tokens. */
const safeSegment = /^[\w.-]{0,40}$/
const maxLength = 200

/** Returns the path with `*` in place of all segments that do not match, because they may contain personal data. */
export function pathForSpan (path: string): string {
  return path.split('/').map(part => safeSegment.test(part) ? part : '*').join('/').slice(0, maxLength)
}
