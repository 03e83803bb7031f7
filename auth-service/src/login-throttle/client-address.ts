import { BlockList, isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

/** Loopback and private networks (RFC 1918, RFC 4193, RFC 4291), where the gateway can run. */
const privateNetworks = new BlockList()
privateNetworks.addSubnet('127.0.0.0', 8)
privateNetworks.addSubnet('10.0.0.0', 8)
privateNetworks.addSubnet('172.16.0.0', 12)
privateNetworks.addSubnet('192.168.0.0', 16)
privateNetworks.addAddress('::1', 'ipv6')
privateNetworks.addSubnet('fc00::', 7, 'ipv6')
privateNetworks.addSubnet('fe80::', 10, 'ipv6')

/**
 * Returns the address that the login throttle counts by. The gateway overwrites `x-forwarded-for` with the address of
 * its client, so the header of a private neighbor is trusted if it is an address. Otherwise the address of the
 * connection counts. An IPv6 client is counted by its /64, because it can choose any address in it.
 */
export function clientAddress ({ headers, ip }: Pick<FastifyRequest, 'headers' | 'ip'>): string {
  const forwarded = headers['x-forwarded-for']
  const isTrusted = typeof forwarded === 'string' && isIP(forwarded) !== 0 && isPrivate(ip)
  return networkOf(normalizeAddress(isTrusted ? forwarded : ip))
}

function isPrivate (ip: string): boolean {
  const address = normalizeAddress(ip)
  return privateNetworks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

// Removes the prefix of an IPv4-mapped address (RFC 4291, 2.5.5.2) and the zone of a link-local one.
function normalizeAddress (ip: string): string {
  return ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}

function networkOf (ip: string): string {
  if (isIP(ip) !== 6) return ip
  const [head = '', tail = ''] = ip.split('::')
  const [left, right] = [groupsOf(head), groupsOf(tail)]
  const gap = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const network = [...left, ...gap, ...right].slice(0, 4)
  return network.map(group => parseInt(group, 16).toString(16)).join(':')
}

function groupsOf (part: string): string[] {
  return part === '' ? [] : part.split(':')
}
