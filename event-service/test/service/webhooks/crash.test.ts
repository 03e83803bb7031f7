import t from 'tap'
import { startBuilt } from '../../../../test/kit/servers/child.ts'
import { createCall } from '../../../../test/kit/http/client.ts'
import { freePort } from '../../../../test/kit/servers/ports.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, startEventService } from '../../../../test/kit/servers/event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { inFullRun } from '../../../../test/kit/run/size.ts'
import { allowReceivers, startReceiver } from '../../../../test/kit/stand-ins/receiver.ts'

t.test('kill -9 between grants and their deliveries loses no message and creates no extra one', async t => {
  const { call, env, db } = await startEventService(t, allowReceivers)
  const port = await freePort()
  const child = startBuilt(t, 'event-service', { ...env, EVENT_PORT: String(port) })
  const url = `http://127.0.0.1:${port}`
  await child.answers(`${url}/health/ready`)
  const eventId = await activeEvent(call, as('OPERATOR'))
  const receiver = await startReceiver(t, call, as('ADMIN'), ['claim.granted'])

  const doomed = createCall(url)
  let answered = 0
  await Promise.allSettled(Array.from({ length: inFullRun(300, 150) }, async () => {
    const { status } = await doomed('POST', `/v1/events/${eventId}/claims`, { token: as('USER') })
    if (status === 201 && ++answered === 50) child.process.kill('SIGKILL')
  }))
  t.match(await child.exited, { signal: 'SIGKILL' })

  const granted = (await db.collection('claims').find({ status: 'GRANTED' }).toArray()).map(({ _id }) => String(_id))
  t.ok(granted.length >= 50)
  // The leases of the dead process end without waiting for 30 seconds.
  await db.collection('deliveries').updateMany({ status: 'PENDING' }, { $set: { nextAttemptAt: new Date(0) } })
  const received = () => new Set(receiver.received().map(({ data }) => data.claimId as string))
  await eventually(async () => received().size >= granted.length)
  t.strictSame([...received()].sort(), granted.sort())
})
