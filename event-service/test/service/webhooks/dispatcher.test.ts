import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import type { WebhookType } from '@laurel/shared/contracts'
import t, { type Test } from 'tap'
import { newDelivery, newMessage, newSecret, type Webhook } from '../../../src/domain/webhook.ts'
import { createStores } from '../../../src/stores/index.ts'
import { createDispatcher, type AttemptResult } from '../../../src/webhooks/dispatcher.ts'
import { createMessageSender } from '../../../src/webhooks/sender.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { eventDatabase } from '../../support/database.ts'

const db = await eventDatabase(t)
const { webhooks, deliveries } = createStores(db, () => undefined)
const allowed = ['127.0.0.1']
const begin = Date.UTC(2026, 10, 25)

interface Listening { readonly url: string, readonly arrivals: Array<string | undefined> }

async function listen (t: Test, answer: RequestListener): Promise<Listening> {
  const arrivals: Array<string | undefined> = []
  const server = createServer((request, response) => {
    arrivals.push(request.headers['webhook-id'] as string | undefined)
    request.resume().on('end', () => { answer(request, response) })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, arrivals }
}

/** Starts a server that responds with these bytes, and then with `more` until the connection closes. */
async function listenRaw (t: Test, bytes: string, more?: (socket: Socket) => void): Promise<string> {
  const server = createTcpServer(socket => {
    socket.on('error', () => undefined).once('data', () => {
      socket.write(bytes)
      more?.(socket)
    })
    t.teardown(() => { socket.destroy() })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

let made = 0
function webhookAt (url: string): Webhook {
  made += 1
  return { id: `webhook${made}`, url, types: ['claim.granted'], secret: newSecret(), createdAt: new Date() }
}

const insert = async (webhook: Webhook, subject: string, order = 1, type: WebhookType = 'claim.granted') => {
  const message = newMessage(type, `${webhook.id}${subject}`, order, new Date(begin), {})
  await deliveries.insert([newDelivery(message, webhook.id, new Date(begin))])
  return message.id
}
const rows = async ({ id }: Webhook) =>
  (await deliveries.list(id, undefined, { limit: 100, order: 'asc' })).data

interface Setup { readonly clock?: { now: number }, readonly timeout?: number, readonly lease?: number }

function start (t: Test, { clock = { now: begin }, timeout = 60_000, lease = 30_000 }: Setup = {}) {
  const results: AttemptResult[] = []
  const warnings: unknown[] = []
  const sender = createMessageSender({ allowed, timeout })
  const dispatcher = createDispatcher({
    webhooks,
    deliveries,
    sender,
    lease,
    now: () => new Date(clock.now),
    onAttempt: result => { results.push(result) },
    log: { warn: ({ err }) => { warnings.push(err) } }
  })
  t.teardown(async () => {
    sender.close()
    await dispatcher.close()
  })
  return { ...dispatcher, results, warnings }
}

t.test('a failed delivery is retried with growing delays for about a day, and then becomes FAILED', async t => {
  const { url } = await listen(t, (_request, response) => { response.writeHead(500).end() })
  const webhook = webhookAt(url)
  await insert(webhook, 'a')
  const clock = { now: begin }
  const { dispatch } = start(t, { clock })
  const waits: number[] = []
  while (true) {
    const attempts = waits.length + 1
    dispatch([webhook])
    const [row] = await eventually(async () => {
      const found = await rows(webhook)
      return (found[0]?.failures === attempts || found[0]?.status === 'FAILED') && found
    })
    if (row?.nextAttemptAt === undefined) break
    waits.push(row.nextAttemptAt.getTime() - clock.now)
    clock.now = row.nextAttemptAt.getTime()
  }
  t.match(await rows(webhook), [{ status: 'FAILED', attempts: 11, lastStatus: 500 }])
  t.equal(waits.length, 10)
  t.ok(waits.every((wait, index) => wait > (waits[index - 1] ?? 4999)))
  t.ok(clock.now - begin > 24 * 3_600_000 && clock.now - begin < 36 * 3_600_000)
})

t.test('a delivery waits only until the earlier delivery of its subject is done', async t => {
  let status = 503
  const { url, arrivals } = await listen(t, (_request, response) => { response.writeHead(status).end() })
  const webhook = webhookAt(url)
  const [second, first, other] = [
    await insert(webhook, 'a', 2), await insert(webhook, 'a', 1), await insert(webhook, 'b', 2)
  ]
  const clock = { now: begin }
  const { dispatch, results } = start(t, { clock })
  dispatch([webhook])
  await eventually(async () => results.length === 2)
  t.strictSame(arrivals.toSorted(), [first, other].toSorted())
  status = 204
  clock.now += 6000
  dispatch([webhook])
  await eventually(async () => {
    dispatch([webhook])
    return arrivals.length === 5
  })
  t.strictSame(arrivals.slice(2).filter(id => id !== other), [first, second])
  await eventually(async () => (await rows(webhook)).every(({ status }) => status === 'DELIVERED'))
})

t.test('a delivery of a dead process is sent by another process after its lease has expired', async t => {
  const { url, arrivals } = await listen(t, (_request, response) => { response.writeHead(204).end() })
  const webhook = webhookAt(url)
  const id = await insert(webhook, 'a')
  await deliveries.acquire(webhook.id, new Date(begin), 30_000)
  const clock = { now: begin + 29_000 }
  const { dispatch } = start(t, { clock })
  t.equal(await deliveries.acquire(webhook.id, new Date(clock.now), 30_000), null)
  clock.now += 2000
  dispatch([webhook])
  await eventually(async () => arrivals.length === 1)
  t.strictSame(arrivals, [id])
})

t.test('a receiver that never responds does not delay other receivers', async t => {
  const stuck = await listen(t, () => undefined)
  const healthy = await listen(t, (_request, response) => { response.writeHead(204).end() })
  const [first, second] = [webhookAt(stuck.url), webhookAt(healthy.url)]
  for (let index = 0; index < 10; index++) {
    await insert(first, `${index}`)
    await insert(second, `${index}`)
  }
  const { dispatch, results } = start(t)
  dispatch([first, second])
  await eventually(async () => healthy.arrivals.length === 10)
  t.notOk(results.includes('unreachable'), 'before the first attempt at the stuck one has ended')
})

t.test('a receiver that never responds blocks at most 4 concurrent attempts, and each times out', async t => {
  let [open, mostOpen] = [0, 0]
  const { url } = await listen(t, request => {
    mostOpen = Math.max(mostOpen, ++open)
    request.socket.on('close', () => { open -= 1 })
  })
  const webhook = webhookAt(url)
  for (let index = 0; index < 10; index++) await insert(webhook, `${index}`)
  const { dispatch, results } = start(t, { timeout: 500 })
  dispatch([webhook])
  await eventually(async () => results.length === 10)
  t.ok(results.every(result => result === 'unreachable'))
  t.equal(mostOpen, 4)
})

t.test('410 disables the webhook and sets its pending deliveries to FAILED', async t => {
  const { url } = await listen(t, (_request, response) => { response.writeHead(410).end() })
  const webhook = webhookAt(url)
  for (let index = 0; index < 20; index++) await insert(webhook, `${index}`)
  const { dispatch, close } = start(t)
  dispatch([webhook])
  await eventually(async () => (await rows(webhook)).every(({ status }) => status === 'FAILED'))
  await close()
})

type More = (socket: Socket) => void
const outcomes: ReadonlyArray<readonly [name: string, bytes: string, more: More, result: AttemptResult]> = [
  ['a redirect', 'HTTP/1.1 307 T\r\nlocation: http://127.0.0.1:1/\r\n\r\n', () => undefined, 'refused'],
  ['an endless body', 'HTTP/1.1 200 OK\r\n\r\n', flood, 'delivered'],
  ['endless headers', 'HTTP/1.1 200 OK\r\nx: ', flood, 'unreachable'],
  ['headers that come byte by byte', 'HTTP/1.1 200 OK\r\nx: ', drip, 'unreachable'],
  ['a body that comes byte by byte', 'HTTP/1.1 200 OK\r\n\r\n', drip, 'delivered'],
  ['another protocol', 'HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n', () => undefined, 'unreachable'],
  ['something that is not HTTP', 'SSH-2.0-OpenSSH\r\n', () => undefined, 'unreachable'],
  ['the end of the connection', '', socket => { socket.destroy() }, 'unreachable'],
  ['status 200 for a moment', 'HTTP/1.1 100 Continue\r\n\r\n', drip, 'unreachable']
]

function flood (socket: Socket): void {
  const chunk = Buffer.alloc(65_536, 'x')
  const push = (): void => { while (!socket.destroyed && socket.write(chunk)); }
  socket.on('drain', push)
  push()
}

function drip (socket: Socket): void {
  const timer = setInterval(() => { socket.write('x') }, 50)
  socket.on('close', () => { clearInterval(timer) })
}

for (const [name, bytes, more, result] of outcomes) {
  t.test(`${result}: a receiver that answers with ${name}`, async t => {
    const webhook = webhookAt(await listenRaw(t, bytes, more))
    await insert(webhook, 'a')
    const { dispatch, results, close } = start(t, { timeout: result === 'unreachable' ? 500 : 60_000 })
    dispatch([webhook])
    await eventually(async () => results.length === 1)
    t.strictSame(results, [result])
    await close()
  })
}

t.test('no connection is made to a name that resolves to a private address, or to a disallowed address', async t => {
  const inside = await listen(t, (_request, response) => { response.writeHead(204).end() })
  const { port } = new URL(inside.url)
  const sender = createMessageSender({ allowed: [] })
  t.teardown(sender.close)
  await t.rejects(sender.send(`https://localhost:${port}/`, {}, '{}'), { code: 'VALIDATION_FAILED' })
  await t.rejects(sender.send(`https://127.0.0.1:${port}/`, {}, '{}'), { code: 'VALIDATION_FAILED' })
  t.equal(inside.arrivals.length, 0)
})

t.test('no connection is made to a name that cannot be resolved', async t => {
  const sender = createMessageSender({ allowed: [] })
  t.teardown(sender.close)
  // The domain `invalid` never exists (RFC 6761, 6.4).
  t.equal(await sender.send('https://hooks.invalid/', {}, '{}'), undefined)
})

t.test('10,000 deliveries that are due at the same time are read one at a time', async t => {
  const { url, arrivals } = await listen(t, (_request, response) => { response.writeHead(204).end() })
  const webhook = webhookAt(url)
  const body = { text: 'x'.repeat(2000) }
  const due = Array.from({ length: 10_000 }, (_, index) =>
    newDelivery(newMessage('claim.granted', `${index}`, 1, new Date(begin), body), webhook.id, new Date(begin)))
  await deliveries.insert(due)
  const before = process.memoryUsage().heapUsed
  const { dispatch } = start(t)
  dispatch([webhook])
  await eventually(async () => arrivals.length > 200)
  t.ok(process.memoryUsage().heapUsed - before < 100_000_000)
})
