import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { MongoClient, type Collection } from 'mongodb'
import { fillClaims, type Row } from './fill-claims.ts'
import { load } from './load.ts'
import { usageOf } from './processes.ts'
import { removeData, startProduct } from './product.ts'
import { saveReport } from './results.ts'
import { makeOpenEvent, send } from './seed.ts'

// Measures the lists of operators and auditors, with few and with many claims: `npm run bench:desk [many]`.
const [many = '1000000'] = process.argv.slice(2)
const sizes = [1000, Number(many)]
const events = 10
const repetitions = 10
const product = await startProduct()
const mongo = await MongoClient.connect(product.mongoUri(''))
const claims: Collection<Row> = mongo.db('laurel_event').collection('claims')
const token = product.tokenFor('bench-admin', 'ADMIN')

/** Returns the median of several reads, in milliseconds. */
async function medianOf (path: string): Promise<number> {
  const { p50 } = await load(product.url, Array.from({ length: repetitions }, () =>
    ({ method: 'GET' as const, path, token })), 1, new Map())
  return p50
}

/** Returns the p99 latency of other requests, in milliseconds: one connection lists events until `isOver`. */
async function p99Until (isOver: () => boolean): Promise<number> {
  const times: number[] = []
  while (!isOver()) {
    const { p50 } = await load(product.url, [{ method: 'GET', path: '/v1/events', token }], 1, new Map())
    times.push(p50)
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0
}

/** Returns the grants per second of a list of 500 grants, and of 500 concurrent claims. */
async function grantsAndClaims (): Promise<readonly [grants: number, claims: number]> {
  const users = Array.from({ length: 5000 }, (_, n) => `granted-${n}`)
  for (let n = 0; n < users.length; n += 500) {
    const rows = users.slice(n, n + 500).map((_id): Row => ({
      _id,
      email: null,
      name: null,
      role: 'USER',
      status: 'ACTIVE',
      clientId: 'bench',
      referralCode: _id,
      createdAt: new Date(),
      version: 1
    }))
    await mongo.db('laurel_auth').collection<Row>('users').insertMany(rows)
  }
  const byList = await makeOpenEvent(product, token, 'By list')
  const byUsers = await makeOpenEvent(product, token, 'By users')
  const startedAt = performance.now()
  for (let n = 0; n < users.length; n += 500) {
    const grants = users.slice(n, n + 500).map(userId => ({ userId }))
    await send(product, 'POST', `/v1/events/${byList}/grants`, token, { grants, condition: 'CHECK', reason: 'bench' })
  }
  const seconds = (performance.now() - startedAt) / 1000
  const path = `/v1/events/${byUsers}/claims`
  const requests = users.map(user => ({ method: 'POST' as const, path, token: product.tokenFor(user, 'USER') }))
  const { rate } = await load(product.url, requests, 64, new Map())
  return [users.length / seconds, rate]
}

const readAll = `
  const { body } = await fetch(process.argv[1], { headers: { authorization: 'Bearer ' + process.argv[2] } })
  let size = 0
  for await (const chunk of body) size += chunk.length
  process.stdout.write(String(size))
`

/** Reads the whole export in a separate process. Returns the milliseconds and the megabytes. */
async function readExport (): Promise<readonly [time: number, size: number]> {
  const startedAt = performance.now()
  const args = ['--input-type=module', '-e', readAll, `${product.url}/v1/claims/export`, token]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return [performance.now() - startedAt, Number(stdout) / 1e6]
}

try {
  const eventIds: string[] = []
  for (let n = 0; n < events; n++) eventIds.push(await makeOpenEvent(product, token, `Event ${n}`))
  const [eventId = ''] = eventIds
  const { id } = await send(product, 'POST', `/v1/events/${eventId}/claims`, product.tokenFor('first', 'USER'), {})
  const template = await claims.findOne({ _id: id }) as Row
  const month = `grantedFrom=${new Date(Date.now() - 30 * 86_400_000).toISOString()}`
  const paths = {
    'listClaims, the newest 100': '/v1/claims?limit=100',
    'listClaims, the oldest 100': '/v1/claims?limit=100&order=asc',
    'listClaims, REJECTED': '/v1/claims?limit=100&status=REJECTED',
    'listClaims, one user': '/v1/claims?userId=user-7',
    'getStats, 30 days': `/v1/stats?${month}`,
    getEventStats: `/v1/events/${eventId}/stats`,
    getEvent: `/v1/events/${eventId}`
  }
  const times = new Map<string, number[]>(Object.keys(paths).map(name => [name, []]))
  const exports: string[] = []
  let filled = 0
  for (const size of sizes) {
    await fillClaims(claims, { template, eventIds, from: filled, to: size })
    filled = size
    for (const [name, path] of Object.entries(paths)) times.get(name)?.push(await medianOf(path))
    const idleUntil = performance.now() + 3000
    const idle = await p99Until(() => performance.now() > idleUntil)
    const reading = { isOver: false }
    const others = p99Until(() => reading.isOver)
    const [time, megabytes] = await readExport()
    reading.isOver = true
    const memory = Math.round(usageOf(product.processes.get('event-service') ?? 0).rss)
    const [before, meanwhile] = [idle, await others].map(p99 => `${p99.toFixed(1)} ms`)
    exports.push(`- ${size} claims: ${megabytes.toFixed(1)} MB in ${(time / 1000).toFixed(1)} s; ` +
      `p99 of event lists: ${before} before, ${meanwhile} during the export; event-service has ${memory} MB`)
  }
  const [granted, claimed] = await grantsAndClaims()
  const rows = [...times].map(([name, [few = 0, much = 0]]) =>
    `| ${[name, few.toFixed(1), much.toFixed(1), (much / few).toFixed(2)].join(' | ')} |`)
  saveReport('desk', `# Lists for operators, with few and with many claims

One request at a time through the gateway; the median of ${repetitions}, in milliseconds.
Counts are cached for up to 5 s.

| | ${sizes.join(' claims | ')} claims | ratio |
|---|---|---|---|
${rows.join('\n')}

The export:

${exports.join('\n')}

Grants by lists of 500: ${Math.round(granted)}/s. Claims of as many users over 64 connections: ${Math.round(claimed)}/s.
`)
} finally {
  await mongo.close()
  await product.stop()
  removeData(product.dataDir)
}
