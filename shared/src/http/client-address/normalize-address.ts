import { isIP, isIPv4, isIPv6 } from 'node:net'

/**
 * Returns the canonical form of a client's address, or `undefined` if the string is not an address. Accepts what load
 * balancers write: a port (`192.0.2.1:4711`, `[2001:db8::1]:4711`), brackets, a zone id (`fe80::1%eth0`), IPv4-mapped
 * IPv6 (`::ffff:192.0.2.1`), and every notation of IPv6. The result is IPv4, or IPv6 as RFC 5952 writes it.
 */
export function normalizeAddress (text: string): string | undefined {
  const address = withoutPort(text.trim()).replace(/%.*$/, '')
  if (isIPv4(address)) return address
  if (!isIPv6(address)) return undefined
  // A URL parser serializes IPv6 as specified in RFC 5952, but the last 32 bits of an IPv4-mapped address as
  // hexadecimal.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical)
  return mapped === null ? canonical : toIPv4(mapped[1] as string, mapped[2] as string)
}

function withoutPort (text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)
  if (bracketed !== null) return bracketed[1] as string
  return text.replace(/^([\d.]+):\d{1,5}$/, '$1')
}

/** Returns the IPv4 address of two groups of 16 bits. */
function toIPv4 (high: string, low: string): string {
  return [high, low].flatMap(group => {
    const bits = parseInt(group, 16)
    return [bits >> 8, bits & 255]
  }).join('.')
}

/**
 * Returns the key of a normalized address in a rate limit: the address itself, or the network of an IPv6 address. An
 * IPv6 client usually has a network of 64 bits and can use any address in it.
 */
export function networkOf (address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail = ''] = address.split('::')
  const [left, right] = [groupsOf(head), groupsOf(tail)]
  const gap = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return `${[...left, ...gap, ...right].slice(0, 4).join(':')}::/64`
}

function groupsOf (part: string): string[] {
  return part === '' ? [] : part.split(':')
}
