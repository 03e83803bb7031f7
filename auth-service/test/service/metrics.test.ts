import t from 'tap'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { auth, clock, event } from './shared.ts'

async function metrics (): Promise<string> {
  return await (await fetch(`${auth.url}/metrics`)).text()
}

async function relayLag (): Promise<number> {
  return Number(/^laurel_relay_lag_seconds (.+)$/m.exec(await metrics())?.[1])
}

t.test('/metrics shows the length of the hash queue and the lag of the relay', async t => {
  t.match(await metrics(), /^laurel_hash_queue 0$/m)
  await eventually(async () => await relayLag() === 0)
  const { email } = await auth.register()
  event.behave = async () => ({ status: 503, body: {} })
  await auth.login(email)
  t.ok(await relayLag() > 0, 'event-service has not accepted its activities')
})

t.test('the lag of the relay is the age of the oldest activity, even if a visit is added later', async t => {
  event.behave = async () => ({ status: 503, body: {} })
  const { claims, refreshToken } = await auth.signIn('USER')
  const hourAgo = new Date(Date.now() - 3_600_000)
  await auth.sessions.updateOne({ _id: claims['sid'] }, { $set: { outboxSince: hourAgo } })
  clock.now = new Date(Date.now() + 900_000)
  t.match(await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } }), { status: 200 })
  const stored = await auth.sessions.findOne({ _id: claims['sid'] })
  t.equal(stored?.['outbox'].length, 3, 'the visit is pending, too')
  t.ok(await relayLag() >= 3599)
})
