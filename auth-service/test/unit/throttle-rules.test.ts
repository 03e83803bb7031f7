import t from 'tap'
import { clientAddress } from '../../src/login-throttle/client-address.ts'
import { accountKey, addressKey, delayAfter } from '../../src/login-throttle/rules.ts'

t.test('the delay begins after five wrong passwords, doubles and is 15 minutes at most', async t => {
  const { rule } = accountKey('kim@example.com')
  const seconds = (failures: number): number => delayAfter(failures, rule) / 1000
  t.same([0, 1, 5, 6, 7, 8, 9, 15, 16, 1000, 1e9].map(seconds), [0, 0, 0, 1, 2, 4, 8, 512, 900, 900, 900])
})

t.test('the delay of an address, which many people may share, begins late and is short', async t => {
  const { rule } = addressKey('192.0.2.1')
  const seconds = (failures: number): number => delayAfter(failures, rule) / 1000
  t.same([1000, 1001, 1002, 1007, 1e9].map(seconds), [0, 1, 2, 60, 60])
})

t.test('the address is taken from a gateway in a private network, otherwise from the connection', async t => {
  const addressOf = (ip: string, forwarded?: string | string[]): string =>
    clientAddress({ ip, headers: { 'x-forwarded-for': forwarded } as Record<string, string> })
  for (const gateway of [
    '127.0.0.1', '10.1.2.3', '172.20.0.5', '192.168.1.1', '::1', '::ffff:10.0.0.1', 'fd00::1', 'fe80::1%eth0'
  ]) t.equal(addressOf(gateway, '198.51.100.7'), '198.51.100.7', gateway)
  for (const stranger of ['203.0.113.5', '172.32.0.1', '::ffff:203.0.113.5', '2001:db8::1']) {
    t.not(addressOf(stranger, '198.51.100.7'), '198.51.100.7', stranger)
  }
  for (const invalid of ['', 'unknown', '1.2.3.4, 5.6.7.8', '1.2.3.4:80', 'x'.repeat(5000)]) {
    t.equal(addressOf('127.0.0.1', invalid), '127.0.0.1', invalid)
  }
  t.equal(addressOf('127.0.0.1'), '127.0.0.1')
})

t.test('an IPv6 client is its /64, in any spelling', async t => {
  const addressOf = (address: string): string =>
    clientAddress({ ip: '127.0.0.1', headers: { 'x-forwarded-for': address } })
  for (const same of [
    '2001:db8:1:2::1', '2001:0DB8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2:3:4:5::', '2001:db8:0001:0002:0:0:0:9'
  ]) t.equal(addressOf(same), '2001:db8:1:2', same)
  t.equal(addressOf('2001:db8::7'), '2001:db8:0:0')
  t.equal(addressOf('::ffff:198.51.100.7'), '198.51.100.7')
  t.equal(addressOf('::1'), '0:0:0:0')
})
