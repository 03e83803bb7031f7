// All paths of the platform consist of these segments. A path that needs decoding never reaches a route.
const plainPath = /^\/(?:[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*)?$/
const dotSegment = /\/\.{1,2}(\/|$)/

/** Returns the path of a request target, without its query. */
export function pathOf (target: string): string {
  const end = target.indexOf('?')
  return end === -1 ? target : target.slice(0, end)
}

/**
 * Returns `true` if the path of a request target has nothing to decode, no empty segment and no dot segment
 * (RFC 3986, 3.3). `/docs/` is the only path with a trailing slash, because people type it.
 */
export function isPlainPath (target: string): boolean {
  const path = pathOf(target)
  return path === '/docs/' || (plainPath.test(path) && !dotSegment.test(path))
}
