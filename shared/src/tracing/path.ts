/** Part of a path that is a word or an id of Laurel: no e-mail address and no token. */
const harmless = /^[\w.-]{0,40}$/
const maxLength = 200

/** Returns a path without what a client may have put into it by mistake: such parts become `*`. */
export function pathForSpan (path: string): string {
  return path.split('/').map(part => harmless.test(part) ? part : '*').join('/').slice(0, maxLength)
}
