import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { invalidField } from '@laurel/shared/errors'
import ipaddr from 'ipaddr.js'

/** The receivers in private networks that `WEBHOOK_ALLOW` permits: hosts with or without a port. */
export type Allowed = readonly string[]

/** Returns the entries of `WEBHOOK_ALLOW`, which are separated by commas. */
export function readAllowed (text = ''): Allowed {
  return text.split(',').map(entry => entry.trim().toLowerCase()).filter(entry => entry !== '')
}

export function isAllowed ({ hostname, host }: URL, allowed: Allowed): boolean {
  return allowed.includes(hostname) || allowed.includes(host)
}

/**
 * Returns `true` if an address is on the public internet: not loopback, private, link-local, shared, multicast or
 * reserved (RFC 6890), and not an IPv6 address that embeds an IPv4 address (compatible, 6to4, NAT64, Teredo). An
 * IPv4-mapped address counts as its IPv4 address.
 */
export function isPublicAddress (address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  if (parsed.range() !== 'unicast') return false
  return parsed.kind() === 'ipv4' || parsed.match(globalUnicast)
}

/** The only part of IPv6 that contains public addresses (RFC 4291, 2.4; IANA). */
const globalUnicast = ipaddr.parseCIDR('2000::/3')

/** A complete URL. The URL parser alone would also accept `https:host` and ignore line breaks. */
const completeUrl = /^[a-z]+:\/\/(?<authority>[^/?#\s\\\p{Cc}]+)[^\s\\\p{Cc}]*$/iu

/**
 * Checks the URL of a webhook. Throws 400 `VALIDATION_FAILED` unless it is a complete https URL, without user info,
 * with port 443, or 1024 and above, and without an address in a private network. A host name is checked when it is
 * resolved, at each delivery.
 */
export function checkWebhookUrl (text: string, allowed: Allowed): URL {
  const { authority } = completeUrl.exec(text)?.groups ?? {}
  if (authority === undefined || !URL.canParse(text)) throw invalidField('/url', 'must be an absolute URL')
  // The parser converts every notation of an IPv4 address (octal, hexadecimal, one number) to dotted decimal.
  const url = new URL(text)
  if (authority.includes('@')) throw invalidField('/url', 'must not contain user info')
  if (text.includes('#')) throw invalidField('/url', 'must not contain a fragment')
  if (isAllowed(url, allowed) && /^https?:$/.test(url.protocol)) return url
  if (url.protocol !== 'https:') throw invalidField('/url', 'must be an https URL')
  if (url.port !== '' && Number(url.port) < 1024) throw invalidField('/url', 'must use port 443, or 1024 and above')
  const literal = literalOf(url)
  if (literal === undefined && !isHostName(url.hostname)) throw invalidField('/url', 'must have a valid host name')
  const isPrivate = literal === undefined ? isPrivateName(url.hostname) : !isPublicAddress(literal)
  if (isPrivate) throw invalidField('/url', 'must not be in a private network')
  return url
}

/** Returns the IP address if the host of a URL is one. */
function literalOf ({ hostname }: URL): string | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  return ipaddr.isValid(address) ? address : undefined
}

/** Whether a name can be looked up: at most 253 octets in labels of 1 to 63 (RFC 1035, 2.3.4). */
function isHostName (hostname: string): boolean {
  const name = hostname.replace(/\.$/, '')
  return name.length <= 253 && name.split('.').every(label => label.length >= 1 && label.length <= 63)
}

// Names that refer to the local machine or network (RFC 6761, RFC 6762, RFC 8375).
function isPrivateName (hostname: string): boolean {
  const name = hostname.replace(/\.$/, '')
  return !name.includes('.') || /\.(?:localhost|local|internal|home\.arpa|lan)$/.test(name)
}

type LookupAll = (
  hostname: string, options: { all: true }, found: (error: Error | null, addresses: LookupAddress[]) => void
) => void

/**
 * Returns a `lookup` for sockets that fails unless every address of the name is public. The socket connects to the
 * address that was checked, which prevents DNS rebinding.
 */
export function publicLookup (lookup: LookupAll = systemLookup): LookupFunction {
  return (hostname, options, found) => {
    lookup(hostname, { all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null || first === undefined) {
        found(error ?? new Error('The host name has no address'), '')
        return
      }
      if (!addresses.every(({ address }) => isPublicAddress(address))) {
        found(new Error('The host name resolves to a private address'), '')
        return
      }
      if (options.all === true) found(null, addresses)
      else found(null, first.address, first.family)
    })
  }
}
