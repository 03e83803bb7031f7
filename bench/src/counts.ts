import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, type Collection, type Db } from 'mongodb'
import { fillClaims, type Row } from './fill-claims.ts'
import { removeData, startProduct, type Product } from './product.ts'
import { saveReport } from './results.ts'
import { makeOpenEvent, send } from './seed.ts'

// Measures the cost of counting the claims of one event: `npm run bench:counts [other checkout]`. If another checkout
// is given, it counts the same claims first.
const [other] = process.argv.slice(2)
const roots = other === undefined ? ['.'] : [other, '.']
const repetitions = 5
const [recent, refused] = [20_000, 100_000]
/** A count is cached for ten times as long as it took, at most this many milliseconds. */
const maxCountAge = 5000

interface Stage {
  readonly title: string
  readonly fill: (claims: Collection<Row>, template: Row) => Promise<void>
}

const filled = (from: number, to: number): Stage['fill'] => async (claims, template) => {
  await fillClaims(claims, { template, eventIds: [template['eventId']], from, to })
}

/** Adds claims of other users with these fields, all of them created now. */
function added (count: number, name: string, change: (row: Row) => object): Stage['fill'] {
  return async (claims, template) => {
    const now = new Date()
    for (let first = 0; first < count; first += 10_000) {
      await claims.insertMany(Array.from({ length: 10_000 }, (_, index) => {
        const userId = `${name}-${first + index}`
        const _id = `${template['eventId'] as string}_${userId}_EVENT`
        return { ...change({ ...template, createdAt: now, grantedAt: now }), _id, userId }
      }))
    }
  }
}

const stages: readonly Stage[] = [
  { title: '1,000 claims', fill: filled(0, 1000) },
  { title: '1,000,000 claims', fill: filled(1000, 1_000_000) },
  {
    title: `and ${refused.toLocaleString('en')} refused users`,
    fill: added(refused, 'refused', ({ grantedAt, ...row }) => ({ ...row, status: 'FAILED', code: 'EVENT_ENDED' }))
  },
  { title: `and ${recent.toLocaleString('en')} grants in this minute`, fill: added(recent, 'recent', row => row) }
]

/** Sends a request and returns its duration, in milliseconds; `Infinity` if it exceeded the time limit. */
async function timeOf (product: Product, path: string): Promise<number> {
  const headers = { authorization: `Bearer ${product.tokenFor('bench-admin', 'ADMIN')}` }
  const startedAt = performance.now()
  const response = await fetch(`${product.url}${path}`, { headers })
  await response.text()
  if (response.status === 503) return Infinity
  if (response.status !== 200) throw new Error(`${path} returned ${response.status}`)
  return performance.now() - startedAt
}

interface Measured {
  readonly first: number
  readonly p50: number
}

/** Returns how long the first count without a rollup takes, and the median of counts that are not cached. */
async function measure (product: Product, db: Db, path: string): Promise<Measured> {
  await sleep(maxCountAge)
  await db.collection('grantRollups').deleteMany({})
  const first = await timeOf(product, path)
  const times: number[] = []
  while (times.length < repetitions) {
    await sleep(Math.min(maxCountAge, (times.at(-1) ?? first) * 10) + 50)
    times.push(await timeOf(product, path))
  }
  return { first, p50: times.toSorted((a, b) => a - b)[Math.floor(repetitions / 2)] ?? 0 }
}

const operations = { getEvent: '', getEventStats: '/stats' }
type Results = Map<string, Measured>

/** Measures each operation after each stage, with the servers of a checkout. */
async function run (root: string): Promise<Results> {
  const product = await startProduct(undefined, {}, root)
  const mongo = await MongoClient.connect(product.mongoUri(''))
  const results: Results = new Map()
  try {
    const db = mongo.db('laurel_event')
    const claims = db.collection<Row>('claims')
    const eventId = await makeOpenEvent(product, product.tokenFor('bench-admin', 'ADMIN'), 'An event')
    await send(product, 'POST', `/v1/events/${eventId}/claims`, product.tokenFor('first', 'USER'), {})
    const template = await claims.findOne({ eventId }) as Row
    for (const { title, fill } of stages) {
      await fill(claims, template)
      for (const [name, path] of Object.entries(operations)) {
        results.set(`${name}, ${title}`, await measure(product, db, `/v1/events/${eventId}${path}`))
      }
    }
    return results
  } finally {
    await mongo.close()
    await product.stop()
    removeData(product.dataDir)
  }
}

const all: Results[] = []
for (const root of roots) all.push(await run(root))
const columns = roots.length === 1 ? [''] : [' (before)', '']
const rows = [...all[0]?.keys() ?? []].map(name => {
  const cells = all.flatMap(results => {
    const { first = 0, p50 = 0 } = results.get(name) ?? {}
    return [first, p50].map(time => Number.isFinite(time) ? time.toFixed(1) : '503')
  })
  return `| ${[name, ...cells].join(' | ')} |`
})
saveReport('counts', `# Counting the claims of one event

One request at a time through the gateway, in milliseconds. "first": without a rollup; "again": the median of
${repetitions} counts that are not cached. The grants are spread over 23 days, except for those of this minute.

| | ${columns.flatMap(column => [`first${column}`, `again${column}`]).join(' | ')} |
|---|${'---|'.repeat(columns.length * 2)}
${rows.join('\n')}
`)
