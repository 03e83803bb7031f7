import type { Server } from '../server-type.ts'
import { pathOf } from './paths.ts'

export interface MethodTable {
  /** Returns the methods of the operations at this request target, sorted. Empty if there are none. */
  allowedAt: (target: string) => string[]
}

/** Collects the routes of a server as they are added, for 405 and its `Allow` header (RFC 9110, 15.5.6). */
export function createMethodTable (app: Server): MethodTable {
  const routes: Array<{ pattern: RegExp, methods: string[], isStatic: boolean }> = []
  app.addHook('onRoute', ({ url, method }) => {
    // `@fastify/cors` handles OPTIONS on every path. That is not an operation of any path.
    if (url === '*') return
    routes.push({ pattern: toPattern(url), methods: [method].flat(), isStatic: !/[:*]/.test(url) })
  })
  return {
    allowedAt (target) {
      const path = pathOf(target)
      const matching = routes.filter(({ pattern }) => pattern.test(path))
      // `/claims/review` is a separate path, not the claim with the id `review`.
      const exact = matching.filter(({ isStatic }) => isStatic)
      return [...new Set((exact.length > 0 ? exact : matching).flatMap(({ methods }) => methods))].sort()
    }
  }
}

function toPattern (url: string): RegExp {
  return new RegExp(`^${url.replaceAll('.', '\\.').replaceAll('*', '.*').replace(/:[A-Za-z]+/g, '[^/]+')}$`)
}
