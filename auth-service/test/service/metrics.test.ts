import t from 'tap'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { auth, event } from './shared.ts'

t.test('/metrics shows the length of the hash queue and the lag of the relay', async t => {
  const metrics = async (): Promise<string> => await (await fetch(`${auth.url}/metrics`)).text()
  t.match(await metrics(), /^laurel_hash_queue 0$/m)
  await eventually(async () => /^laurel_relay_lag_seconds 0$/m.test(await metrics()))
  const { email } = await auth.register()
  event.behave = async () => ({ status: 503, body: {} })
  await auth.login(email)
  const positive = /^laurel_relay_lag_seconds (?!0$)\d+(\.\d+)?$/m
  t.match(await metrics(), positive, 'event-service has not accepted its activities')
})
