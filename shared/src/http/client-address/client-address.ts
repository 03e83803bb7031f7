import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { Server } from '../server-type.ts'
import { normalizeAddress } from './normalize-address.ts'

/** Sets `request.clientAddress` before any other hook runs. `trustedProxies` is as in `createClientAddressReader`. */
export function addClientAddress (app: Server, trustedProxies: string | undefined): void {
  const readClientAddress = createClientAddressReader(trustedProxies)
  app.decorateRequest('clientAddress', '')
  app.addHook('onRequest', (request, _reply, done) => {
    request.clientAddress = readClientAddress(request.raw)
    done()
  })
}

/** Returns the normalized address of the client that sent this request. */
type ReadClientAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string

/**
 * Returns a function that finds the address of a client behind trusted proxies: the last address in the chain that is
 * not a trusted proxy. Addresses that the client itself puts into the headers come earlier in the list and are ignored.
 *
 * Both `X-Forwarded-For` and `Forwarded` (RFC 7239) are read. A proxy that writes only one of them lets a client choose
 * the other, so if they lead to different addresses, the address of the connection counts.
 * @param trustedProxies addresses and networks, separated by commas. Without it, the address of the connection counts.
 */
export function createClientAddressReader (trustedProxies: string | undefined): ReadClientAddress {
  const isTrusted = trustedProxies === undefined ? () => false : createTrustCheck(trustedProxies)
  return ({ headers, socket }) => {
    const peer = normalizeAddress(socket.remoteAddress ?? '') ?? 'unknown'
    if (!isTrusted(peer)) return peer
    const [first = peer, second = first] = readChains(headers).map(chain => lastUntrusted(peer, chain, isTrusted))
    return first === second ? first : peer
  }
}

type IsTrusted = (address: string) => boolean

/** The number of cached addresses. Checking an address with `BlockList` creates objects, which is the slowest step. */
const maxRemembered = 10_000

function createTrustCheck (trustedProxies: string): IsTrusted {
  const list = new BlockList()
  for (const entry of trustedProxies.split(',')) {
    const [text = '', prefix] = entry.trim().split('/')
    if (prefix === undefined) {
      const address = normalizeAddress(text) as string
      list.addAddress(address, familyOf(address))
    } else {
      list.addSubnet(text, Number(prefix), familyOf(text))
    }
  }
  const remembered = new Map<string, boolean>()
  return address => {
    const known = remembered.get(address)
    if (known !== undefined) return known
    if (remembered.size >= maxRemembered) remembered.clear()
    const isTrusted = list.check(address, familyOf(address))
    remembered.set(address, isTrusted)
    return isTrusted
  }
}

function familyOf (address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

/** Returns the addresses of each header that is present, from the client to the last proxy. */
function readChains (headers: IncomingHttpHeaders): string[][] {
  const chains: string[][] = []
  const forwardedFor = headers['x-forwarded-for']
  if (forwardedFor !== undefined) chains.push(String(forwardedFor).split(','))
  if (headers.forwarded !== undefined) chains.push(readForwarded(headers.forwarded))
  return chains
}

/** Returns the `for` parameters of `Forwarded` (RFC 7239, 4), an empty string where there is none. */
function readForwarded (header: string): string[] {
  return header.split(',').map(element => {
    const match = /(?:^|;)\s*for=(?:"([^"]*)"|([^;\s]*))/i.exec(element)
    return match?.[1] ?? match?.[2] ?? ''
  })
}

/** Follows the chain backward from the connection to the first address that is not trusted or hidden ('unknown'). */
function lastUntrusted (peer: string, chain: readonly string[], isTrusted: IsTrusted): string {
  let address = peer
  for (const entry of chain.toReversed()) {
    if (!isTrusted(address)) break
    const next = normalizeAddress(entry)
    if (next === undefined) break
    address = next
  }
  return address
}
