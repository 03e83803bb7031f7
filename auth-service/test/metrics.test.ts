import t from 'tap'
import { startAuth } from '../../test/kit/auth.ts'

t.test('/metrics tells how many passwords wait and how far the relay is behind', async t => {
  const auth = await startAuth(t)
  const metrics = async () => await (await fetch(`${auth.url}/metrics`)).text()
  t.match(await metrics(), /^laurel_hash_queue 0$/m)
  t.match(await metrics(), /^laurel_relay_lag_seconds 0$/m)
  const { email } = await auth.register()
  await auth.login(email)
  t.match(await metrics(), /^laurel_relay_lag_seconds 0\.\d+$/m, 'nobody takes its activities')
})
