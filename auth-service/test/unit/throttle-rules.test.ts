import t from 'tap'
import { accountKey, addressKey, delayAfter } from '../../src/login-throttle/rules.ts'

t.test('the delay starts after five wrong passwords, doubles, and is at most 15 minutes', async t => {
  const { rule } = accountKey('kim@example.com')
  const seconds = (failures: number): number => delayAfter(failures, rule) / 1000
  t.same([0, 1, 5, 6, 7, 8, 9, 15, 16, 1000, 1e9].map(seconds), [0, 0, 0, 1, 2, 4, 8, 512, 900, 900, 900])
})

t.test('the delay of an address, which many people may share, starts late and is short', async t => {
  const { rule } = addressKey('192.0.2.1')
  const seconds = (failures: number): number => delayAfter(failures, rule) / 1000
  t.same([1000, 1001, 1002, 1007, 1e9].map(seconds), [0, 1, 2, 60, 60])
})

t.test('an IPv6 client is counted by its /64 network', async t => {
  const { id } = addressKey('2001:db8:1:2::1')
  t.equal(addressKey('2001:db8:1:2:ffff:ffff:ffff:ffff').id, id)
  t.not(addressKey('2001:db8:1:3::1').id, id)
  t.not(addressKey('192.0.2.1').id, addressKey('192.0.2.2').id)
})
