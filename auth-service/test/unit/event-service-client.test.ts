import t from 'tap'
import { startStandIn } from '../../../test/kit/stand-ins/services.ts'
import { createEventServiceClient } from '../../src/event-service-client.ts'

t.test('one log line says that the clocks of auth-service and event-service differ', async t => {
  const eventService = await startStandIn(t)
  const warnings: Array<[details: object, message: string]> = []
  const warn = (details: object, message = ''): void => { warnings.push([details, message]) }
  const { sendActivities } = createEventServiceClient(eventService.url, () => 'a token', { warn })
  let status = 200
  const sendAt = async (difference: number | undefined): Promise<void> => {
    eventService.answer = (_request, response) => {
      response.sendDate = false
      if (difference !== undefined) response.setHeader('date', new Date(Date.now() + difference * 1000).toUTCString())
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"rejected":[]}')
    }
    await sendActivities([])
  }

  for (const close of [0, 3, -3, undefined]) await sendAt(close)
  t.same(warnings, [])
  for (const ahead of [90, 90]) await sendAt(ahead)
  t.equal(warnings.length, 1, 'once')
  const [details, message] = warnings[0] ?? [{}, '']
  t.match(message, 'the clocks of auth-service and event-service differ')
  t.ok(Math.abs(Number((details as { seconds: number }).seconds) - 90) <= 2)

  await sendAt(0)
  status = 401
  await t.rejects(sendAt(-90), { message: 'event-service responded with 401' })
  t.equal(warnings.length, 2, 'again after they agreed, and even if the delivery fails')
})
