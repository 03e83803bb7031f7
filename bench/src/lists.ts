import { MongoClient, type Collection } from 'mongodb'
import { fillClaims, type Row } from './fill-claims.ts'
import { load } from './load.ts'
import { removeData, startProduct } from './product.ts'
import { saveReport } from './results.ts'
import { makeOpenEvent, send } from './seed.ts'

// Measures 100 concurrent lists that examine many claims and find none, and claims at the same time:
// `npm run bench:lists [claims]`.
const [count = '1000000'] = process.argv.slice(2)
const events = 10
const lists = 100
const claimants = 8
const product = await startProduct()
const mongo = await MongoClient.connect(product.mongoUri(''))
const claims: Collection<Row> = mongo.db('laurel_event').collection('claims')
const token = product.tokenFor('bench-admin', 'ADMIN')
let users = 0

const percentile = (sorted: readonly number[], share: number): string =>
  (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
const textOf = (statuses: ReadonlyMap<number, number>): string =>
  [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${n} × ${status}`).join(', ')

/** New users claim over a few connections until `isOver`. Returns a row of the report. */
async function claimUntil (eventId: string, isOver: () => boolean): Promise<string> {
  const times: number[] = []
  const statuses = new Map<number, number>()
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: claimants }, async () => {
    while (!isOver()) {
      const user = product.tokenFor(`claimant-${users++}`, 'USER')
      const sent = performance.now()
      const response = await fetch(`${product.url}/v1/events/${eventId}/claims`, {
        method: 'POST', headers: { authorization: `Bearer ${user}`, 'content-type': 'application/json' }, body: '{}'
      })
      await response.text()
      times.push(performance.now() - sent)
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
    }
  }))
  const seconds = (performance.now() - startedAt) / 1000
  times.sort((a, b) => a - b)
  return [
    `${Math.round(times.length / seconds)}/s`, textOf(statuses), percentile(times, 0.5), percentile(times, 0.99)
  ].join(' | ')
}

try {
  const eventIds: string[] = []
  for (let n = 0; n < events; n++) eventIds.push(await makeOpenEvent(product, token, `Event ${n}`))
  const [eventId = ''] = eventIds
  const claimed = await makeOpenEvent(product, token, 'Claimed during the lists')
  const { id } = await send(product, 'POST', `/v1/events/${eventId}/claims`, product.tokenFor('first', 'USER'), {})
  const template = await claims.findOne({ _id: id }) as Row
  await fillClaims(claims, { template, eventIds, from: 0, to: Number(count) })

  const always = 'from=2020-01-01T00:00:00Z&to=2098-01-01T00:00:00Z'
  const granted = 'grantedFrom=2020-01-01T00:00:00Z&grantedTo=2098-01-01T00:00:00Z'
  const queries = [
    'from=2001-01-01T00:00:00Z&to=2002-01-01T00:00:00Z',
    `${always}&status=FAILED`,
    `${always}&delivery=FAILED`,
    `${granted}&status=REJECTED`,
    `${granted}&${always}&status=REVOKED&delivery=DELIVERED`,
    `eventId=${eventId}&${granted}&from=2090-01-01T00:00:00Z`,
    `eventId=${eventId}&${always}&status=PENDING&delivery=DELIVERED`,
    `${granted}&from=2090-01-01T00:00:00Z`
  ]
  const paths = queries.map(query => `/v1/claims?limit=100&${query}`)
  const alone: string[] = []
  for (const [index, path] of paths.entries()) {
    const one = [{ method: 'GET' as const, path, token }]
    const { p50, statuses } = await load(product.url, one, 1, new Map())
    alone.push(`| \`${queries[index]?.replaceAll(eventId, 'ID')}\` | ${p50.toFixed(1)} | ${textOf(statuses)} |`)
  }
  const idleUntil = performance.now() + 5000
  const before = await claimUntil(claimed, () => performance.now() > idleUntil)
  const reading = { isOver: false }
  const meanwhile = claimUntil(claimed, () => reading.isOver)
  const rounds: string[] = []
  for (let round = 1; round <= 5; round++) {
    const requests = Array.from({ length: lists }, (_, n) =>
      ({ method: 'GET' as const, path: paths[n % paths.length] ?? '', token }))
    const { p50, p99, statuses } = await load(product.url, requests, lists, new Map())
    rounds.push(`| ${[round, textOf(statuses), p50.toFixed(1), p99.toFixed(1)].join(' | ')} |`)
  }
  reading.isOver = true
  saveReport('lists', `# ${lists} expensive lists at once, with ${count} claims

Lists of claims that find nothing. Through the gateway, in milliseconds. Each list alone:

| filter | time | status |
|---|---|---|
${alone.join('\n')}

${lists} of them at once, five times:

| round | responses | p50 | p99 |
|---|---|---|---|
${rounds.join('\n')}

Claims of new users over ${claimants} connections:

| | claims | responses | p50 | p99 |
|---|---|---|---|---|
| before | ${before} |
| during the lists | ${await meanwhile} |
`)
} finally {
  await mongo.close()
  await product.stop()
  removeData(product.dataDir)
}
