import type { LookupAddress, LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** The form of `dns.lookup` that returns all addresses of a name. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void
) => void

export interface Rotation {
  readonly lookup: LookupFunction
  /** Moves an address to the end for a while, because its instance failed or is not ready. */
  readonly avoid: (address: string) => void
}

/**
 * Returns a lookup for `net.connect` that distributes connections across all instances behind one name: each call puts
 * the next address first. Node.js tries the other addresses if the first one refuses the connection.
 * @param avoidedFor in milliseconds.
 */
export function rotateAddresses (lookup: LookupAll, avoidedFor = 1000): Rotation {
  let calls = 0
  const avoidedUntil = new Map<string, number>()

  /** Also forgets addresses that the name no longer has. */
  function endAvoidance (): void {
    const now = performance.now()
    for (const [address, until] of avoidedUntil) {
      if (until <= now) avoidedUntil.delete(address)
    }
  }

  function rank ({ address }: LookupAddress): number {
    return avoidedUntil.has(address) ? 1 : 0
  }

  return {
    lookup (hostname, options, callback) {
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        if (error !== null) {
          callback(error, '')
          return
        }
        const first = calls++ % addresses.length
        const rotated = [...addresses.slice(first), ...addresses.slice(0, first)]
        endAvoidance()
        callback(null, rotated.toSorted((a, b) => rank(a) - rank(b)))
      })
    },
    avoid (address) { avoidedUntil.set(address, performance.now() + avoidedFor) }
  }
}
