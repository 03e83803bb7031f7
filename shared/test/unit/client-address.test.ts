import { networkOf } from '@laurel/shared/http'
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import t from 'tap'
import { createClientAddressReader } from '../../src/http/client-address/client-address.ts'
import { normalizeAddress } from '../../src/http/client-address/normalize-address.ts'
import { quietService } from '../support/service.ts'

for (const [address, spellings] of Object.entries({
  '192.0.2.1': [
    '192.0.2.1',
    ' 192.0.2.1 ',
    '192.0.2.1:4711',
    '::ffff:192.0.2.1',
    '::FFFF:192.0.2.1',
    '::ffff:c000:201',
    '0:0:0:0:0:ffff:192.0.2.1',
    '[::ffff:192.0.2.1]:4711'
  ],
  '2001:db8::1': [
    '2001:db8::1',
    '2001:DB8::1',
    '2001:0db8:0000:0000:0000:0000:0000:0001',
    '2001:db8:0:0::1',
    '[2001:db8::1]',
    '[2001:db8::1]:4711',
    '2001:db8::1%eth0',
    '[2001:db8::1%25eth0]:4711'
  ],
  'fe80::1': ['fe80::1%eth0', 'FE80::1%1', 'fe80:0:0:0:0:0:0:1']
})) {
  t.test(`${address} has one normalized form`, async t => {
    for (const spelling of spellings) t.equal(normalizeAddress(spelling), address, spelling)
  })
}

t.test('anything else is not an address', async t => {
  for (const text of [
    '',
    'unknown',
    '_hidden',
    'localhost',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.1:x',
    '192.0.2.1:4711:1',
    '0300.0.2.1',
    '2001:db8::1::2',
    '[2001:db8::1',
    '[192.0.2.1]x'
  ]) t.equal(normalizeAddress(text), undefined, text)
})

t.test('an IPv6 address is counted by its /64 network, an IPv4 address as it is', async t => {
  t.equal(networkOf('192.0.2.1'), '192.0.2.1')
  t.equal(networkOf('2001:db8::1'), '2001:db8:0:0::/64')
  t.equal(networkOf('2001:db8::ffff:1'), '2001:db8:0:0::/64')
  t.equal(networkOf('2001:db8:0:1::1'), '2001:db8:0:1::/64')
  t.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  t.equal(networkOf('::1'), '0:0:0:0::/64')
})

function clientOf (peer: string | undefined, headers: IncomingHttpHeaders, trusted?: string): string {
  const socket = { remoteAddress: peer } as unknown as Socket
  return createClientAddressReader(trusted)({ headers, socket })
}

t.test('without trusted proxies, the address of the connection counts, regardless of the headers', async t => {
  const headers = { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1' }
  t.equal(clientOf('203.0.113.9', headers), '203.0.113.9')
  t.equal(clientOf('::ffff:203.0.113.9', headers), '203.0.113.9')
  t.equal(clientOf('203.0.113.9', headers, '10.0.0.0/8'), '203.0.113.9', 'an untrusted proxy is ignored')
  t.equal(clientOf(undefined, headers, '10.0.0.0/8'), 'unknown', 'the connection has ended')
})

const trusted = '10.0.0.0/8, 127.0.0.1, ::ffff:192.168.1.1, fd00::/8'

for (const [name, headers, client] of [
  ['X-Forwarded-For', { 'x-forwarded-for': '192.0.2.1' }, '192.0.2.1'],
  ['a port', { 'x-forwarded-for': '192.0.2.1:50123' }, '192.0.2.1'],
  ['brackets and a port', { 'x-forwarded-for': '[2001:DB8::1]:50123' }, '2001:db8::1'],
  ['IPv4-mapped', { 'x-forwarded-for': '::ffff:192.0.2.1' }, '192.0.2.1'],
  ['more trusted proxies, with ports', { 'x-forwarded-for': '192.0.2.1:5, 10.1.2.3:80,[fd00::1]:443' }, '192.0.2.1'],
  ['what the client wrote itself', { 'x-forwarded-for': '203.0.113.5, 192.0.2.1, 10.1.2.3' }, '192.0.2.1'],
  ['trusted proxies only', { 'x-forwarded-for': '10.9.9.9, 192.168.1.1' }, '10.9.9.9'],
  ['a hidden client', { 'x-forwarded-for': 'unknown, 10.1.2.3' }, '10.1.2.3'],
  ['an empty header', { 'x-forwarded-for': '' }, '127.0.0.1'],
  ['no header', {}, '127.0.0.1'],
  ['Forwarded', { forwarded: 'for=192.0.2.1;proto=https;by=10.1.2.3' }, '192.0.2.1'],
  ['Forwarded, quoted', { forwarded: 'proto=https;For="[2001:db8:0::1]:4711"' }, '2001:db8::1'],
  ['Forwarded by two proxies', { forwarded: 'for=203.0.113.5, for=192.0.2.1, for="10.1.2.3:80"' }, '192.0.2.1'],
  ['Forwarded without for', { forwarded: 'proto=https' }, '127.0.0.1'],
  ['both headers that agree', { 'x-forwarded-for': '192.0.2.1:5', forwarded: 'for=192.0.2.1' }, '192.0.2.1'],
  ['both headers that differ', { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=203.0.113.5' }, '127.0.0.1']
] as const) {
  t.test(`the client behind a trusted proxy: ${name}`, async t => {
    t.equal(clientOf('127.0.0.1', headers, trusted), client)
    t.equal(clientOf('::ffff:127.0.0.1', headers, trusted), client, 'on a socket for IPv4 and IPv6')
  })
}

t.test('trusted proxies stay trusted, and others do not become trusted, even with many addresses', async t => {
  const read = createClientAddressReader('10.0.0.0/8')
  const clientOf = (proxy: string): string => read({
    headers: { 'x-forwarded-for': '192.0.2.1' }, socket: { remoteAddress: proxy } as Socket
  })
  const wrong = Array.from({ length: 12_000 }, (_, n) => `${n >> 8 & 255}.${n & 255}`).flatMap((end, n) => {
    const [trusted, stranger] = [`10.${n % 7}.${end}`, `11.${n % 7}.${end}`]
    return clientOf(trusted) === '192.0.2.1' && clientOf(stranger) === stranger ? [] : [trusted]
  })
  t.same(wrong, [])
})

t.test('a service accepts the address of the client only from a gateway in a private network', async t => {
  const app = quietService()
  app.get('/', async ({ clientAddress }) => ({ clientAddress }))
  const headers = { host: 'service', 'x-forwarded-for': '192.0.2.1' }
  for (const [remoteAddress, clientAddress] of [
    ['127.0.0.1', '192.0.2.1'],
    ['::1', '192.0.2.1'],
    ['::ffff:10.1.2.3', '192.0.2.1'],
    ['172.20.0.5', '192.0.2.1'],
    ['192.168.1.1', '192.0.2.1'],
    ['fd00::1', '192.0.2.1'],
    ['fe80::1%eth0', '192.0.2.1'],
    ['172.32.0.1', '172.32.0.1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8::1', '2001:db8::1']
  ] as const) t.same((await app.inject({ url: '/', remoteAddress, headers })).json(), { clientAddress }, remoteAddress)
})
