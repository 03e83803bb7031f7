import type { Server } from './create-server.ts'

// Every address of the platform is made of these. What decodes, nests or climbs never reaches a route.
const plain = /^\/(?:[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*)?$/

function pathOf (target: string): string {
  const end = target.indexOf('?')
  return end === -1 ? target : target.slice(0, end)
}

/**
 * True where the path of a request target has nothing to decode, no empty segment and no dot segment
 * (RFC 3986, 3.3). `/docs/` is the one address with a slash at its end that a person may type.
 */
export function isPlainPath (target: string): boolean {
  const path = pathOf(target)
  return path === '/docs/' || (plain.test(path) && !/\/\.{1,2}(\/|$)/.test(path))
}

export interface MethodTable {
  /** The methods that some operation has at this address; empty where there is none. */
  allowedAt: (target: string) => string[]
}

/** Collects the routes of a server as they are declared, for the 405 and its `Allow` (RFC 9110, 15.5.6). */
export function createMethodTable (app: Server): MethodTable {
  const routes: Array<{ pattern: RegExp, methods: string[], named: boolean }> = []
  app.addHook('onRoute', ({ url, method }) => {
    // What @fastify/cors answers everywhere is no operation of any address.
    if (url === '*') return
    const pattern = new RegExp(`^${url.replaceAll('.', '\\.').replaceAll('*', '.*').replace(/:[A-Za-z]+/g, '[^/]+')}$`)
    routes.push({ pattern, methods: [method].flat(), named: !/[:*]/.test(url) })
  })
  return {
    allowedAt (target) {
      const path = pathOf(target)
      const matching = routes.filter(({ pattern }) => pattern.test(path))
      // `/claims/review` is an address of its own, not the claim of that name.
      const named = matching.filter(({ named }) => named)
      return [...new Set((named.length > 0 ? named : matching).flatMap(({ methods }) => methods))].sort()
    }
  }
}
