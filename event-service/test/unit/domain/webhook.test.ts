import { Webhook as Reference } from 'standardwebhooks'
import t from 'tap'
import { newDelivery, newMessage, newSecret, nextAttemptAt, signedHeaders } from '../../../src/domain/webhook.ts'

const now = new Date('2026-11-25T09:00:00.000Z')
const message = newMessage('claim.granted', 'event_kim_EVENT', 2, now, { claimId: 'event_kim_EVENT' })

t.test('the reference library accepts the signature, and rejects a changed body or another secret', async t => {
  const secret = newSecret()
  // The library checks the timestamp against the clock.
  const headers = signedHeaders(secret, message.id, message.body, new Date())
  t.same(new Reference(secret).verify(message.body, headers), JSON.parse(message.body))
  t.throws(() => new Reference(secret).verify(message.body.replace('kim', 'lee'), headers))
  t.throws(() => new Reference(newSecret()).verify(message.body, headers))
})

t.test('the same change results in the same message and the same delivery in every process', async t => {
  const again = newMessage('claim.granted', 'event_kim_EVENT', 2, now, { claimId: 'event_kim_EVENT' })
  t.equal(again.id, message.id)
  t.equal(newDelivery(again, 'w1', now).id, newDelivery(message, 'w1', now).id)
  t.not(newDelivery(message, 'w2', now).id, newDelivery(message, 'w1', now).id)
  t.not(newMessage('claim.granted', 'event_kim_EVENT', 3, now, {}).id, message.id)
})

t.test('a body has the type, the instant and the data', async t => {
  t.same(JSON.parse(message.body), {
    type: 'claim.granted', timestamp: '2026-11-25T09:00:00.000Z', data: { claimId: 'event_kim_EVENT' }
  })
})

t.test('the delay grows with each failure, has at most 20% jitter, and ends after more than a day', async t => {
  let at = now
  let previous = 0
  let attempts = 1
  for (let next = nextAttemptAt(attempts, at, 0); next !== undefined; next = nextAttemptAt(attempts, at, 0)) {
    const delay = next.getTime() - at.getTime()
    const jittered = (nextAttemptAt(attempts, at, 1) as Date).getTime() - at.getTime()
    t.equal(jittered, delay * 1.2)
    t.ok(delay > previous)
    previous = delay
    at = next
    attempts++
  }
  t.ok(at.getTime() - now.getTime() > 24 * 3_600_000)
})
