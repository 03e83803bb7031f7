import type { AddressInfo } from 'node:net'
import { addHealthRoutes } from '@laurel/shared/http'
import t from 'tap'
import { rawRequest, sendRaw } from '../../../test/kit/http/socket.ts'
import { drain } from '../../src/http/server/graceful-shutdown.ts'
import { quietService } from '../support/service.ts'

t.test('during a shutdown a server is not ready, and answers every connection until it stops listening', async t => {
  const app = quietService()
  addHealthRoutes(app, { required: {} })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const drained = drain(app, 500)
  const isLive = async (): Promise<number> => (await sendRaw(port, rawRequest('GET /health/live'))).status
  const [ready, live] = await Promise.all([sendRaw(port, rawRequest('GET /health/ready')), isLive()])
  t.match(ready, { status: 503, body: '"code":"ENDING"' })
  const statuses = new Set([live])
  while (app.server.listening) statuses.add(await isLive())
  // The status of a connection that is refused is 0.
  statuses.delete(0)
  t.same([...statuses], [200])
  await drained
  await app.close()
})
