import type { LookupAddress, LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** The form of `dns.lookup` that returns all addresses of a name. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void
) => void

/**
 * Returns a lookup for `net.connect` that distributes connections across all instances behind one name: each call puts
 * the next address first. Node.js tries the other addresses if the first one refuses the connection.
 */
export function rotateAddresses (lookup: LookupAll): LookupFunction {
  let calls = 0
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '')
        return
      }
      const first = calls++ % addresses.length
      callback(null, [...addresses.slice(first), ...addresses.slice(0, first)])
    })
  }
}
