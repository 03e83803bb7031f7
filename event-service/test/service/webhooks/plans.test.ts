import t from 'tap'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, startEventService } from '../../../../test/kit/servers/event-service.ts'
import { allowReceivers, startReceiver } from '../../../../test/kit/stand-ins/receiver.ts'

interface Profiled {
  readonly op: string
  readonly planSummary?: string
  readonly docsExamined?: number
  readonly command: { readonly q?: object, readonly query?: object, readonly filter?: object }
}

t.test('each command on deliveries contains the shard key and uses an index, even with many of them', async t => {
  const { call, db } = await startEventService(t, allowReceivers)
  const admin = as('ADMIN')
  const receiver = await startReceiver(t, call, admin, ['claim.granted'])
  const webhookId = receiver.webhook.id
  const rows = Array.from({ length: 2000 }, (_, index) => ({
    _id: `other${index}` as never,
    webhookId: index % 2 === 0 ? webhookId : 'other',
    subject: `subject${index}`,
    messageId: `message${index}`,
    type: 'claim.granted',
    order: 2,
    body: '{}',
    attempts: 0,
    failures: 0,
    status: index % 2 === 0 ? 'DELIVERED' : 'PENDING',
    createdAt: new Date(),
    ...(index % 2 === 0 ? {} : { nextAttemptAt: new Date(0) })
  }))
  await db.collection('deliveries').insertMany(rows)
  const eventId = await activeEvent(call, as('OPERATOR'))
  await db.command({ profile: 2 })
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER') })
  const path = `/v1/webhooks/${webhookId}/deliveries`
  const delivered = await eventually(async () => {
    const { body } = await call('GET', `${path}?limit=1`, { token: admin })
    return body.data[0]?.attempts === 1 && body.data[0].status === 'DELIVERED' && body.data[0]
  })
  await call('POST', `${path}/${delivered.id as string}/redeliver`, { token: admin })
  await eventually(async () => receiver.arrivals.length === 2)
  await call('GET', `${path}?status=FAILED`, { token: admin })
  await db.command({ profile: 0 })

  const commands = await db.collection<Profiled & { _id: never }>('system.profile')
    .find({ ns: /\.deliveries$/, op: { $ne: 'insert' } })
    .toArray()
  t.ok(commands.length > 5)
  for (const { op, planSummary, docsExamined, command: { q, query, filter } } of commands) {
    t.match(JSON.stringify(q ?? query ?? filter), /"webhookId":"/, `${op} names webhookId`)
    t.match(planSummary, /^(IXSCAN|IDHACK)/)
    t.ok(Number(docsExamined) <= 22, `${op} examines ${docsExamined} documents with ${planSummary}`)
  }
})
