import { BlockList, isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

/** Loopback and private networks (RFC 1918, RFC 4193, RFC 4291): where a gateway can stand. */
const near = new BlockList()
near.addSubnet('127.0.0.0', 8)
near.addSubnet('10.0.0.0', 8)
near.addSubnet('172.16.0.0', 12)
near.addSubnet('192.168.0.0', 16)
near.addAddress('::1', 'ipv6')
near.addSubnet('fc00::', 7, 'ipv6')
near.addSubnet('fe80::', 10, 'ipv6')

/**
 * Whose wrong passwords are counted together. The gateway overwrites `x-forwarded-for` with the one address it saw, so that is
 * taken from a neighbour; from anywhere else, and where it is no address, the connection's own counts. An IPv6 client
 * has a whole /64 to choose from.
 */
export function clientAddress ({ headers, ip }: Pick<FastifyRequest, 'headers' | 'ip'>): string {
  const forwarded = headers['x-forwarded-for']
  const isTold = typeof forwarded === 'string' && isIP(forwarded) !== 0 && isNear(ip)
  return networkOf(plain(isTold ? forwarded : ip))
}

function isNear (ip: string): boolean {
  const address = plain(ip)
  return near.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

// IPv4 on a socket of both kinds (RFC 4291, 2.5.5.2), and without the zone of a link.
function plain (ip: string): string {
  return ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}

function networkOf (ip: string): string {
  if (isIP(ip) !== 6) return ip
  const [head = '', tail = ''] = ip.split('::')
  const [left, right] = [head, tail].map(part => part === '' ? [] : part.split(':')) as [string[], string[]]
  const gap = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return [...left, ...gap, ...right].slice(0, 4).map(group => parseInt(group, 16).toString(16)).join(':')
}
