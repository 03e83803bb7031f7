import { load, type Call, type Measured } from './load.ts'
import { usageOf } from './processes.ts'
import { removeData, startProduct, type Product } from './product.ts'
import { saveReport } from './results.ts'
import { giveActivities, makeEvent } from './seed.ts'

// Measures the whole platform as `npm start` runs it, with load and servers on one machine: `npm run bench`.
const connections = 64
const claimants = 1500
const rounds = 4

function row (name: string, { rate, p50, p99, cpu, statuses }: Measured): string {
  const perProcess = ['gateway', 'event-service', 'mongod'].map(process => (cpu.get(process) ?? 0).toFixed(2))
  const counts = [...statuses].map(pair => pair.join('×')).join(' ')
  return `| ${[name, Math.round(rate), p50.toFixed(1), p99.toFixed(1), ...perProcess, counts].join(' | ')} |`
}

function memoryOf ({ processes }: Product): string {
  return ['mongod', 'auth-service', 'event-service', 'gateway']
    .map(name => `${name} ${Math.round(usageOf(processes.get(name) ?? 0).rss)} MB`).join(' · ')
}

const first = await startProduct()
await first.stop()
const product = await startProduct(first.dataDir)
const whenReady = memoryOf(product)
try {
  const admin = product.tokenFor('bench-admin', 'ADMIN')
  const users = Array.from({ length: claimants }, (_, n) => `bench-user-${n}`)
  const tokens = users.map(user => product.tokenFor(user, 'USER'))
  for (let n = 0; n < 20; n++) await makeEvent(product, admin, `Event ${n}`)
  await giveActivities(product, admin, users)

  const lists = Array.from({ length: 3000 }, (_, n): Call =>
    ({ method: 'GET', path: '/v1/events', token: tokens[n % claimants] ?? '' }))
  const claimsOf = (eventId: string): Call[] =>
    tokens.map(token => ({ method: 'POST', path: `/v1/events/${eventId}/claims`, token }))
  const reportsOf = (round: number): Call[] => Array.from({ length: 200 }, (_, n) => {
    const activities = Array.from({ length: 100 }, (_, index) =>
      ({ id: `${round}-${n}-${index}`, userId: users[(n * 100 + index) % claimants], type: 'game.scored' }))
    return { method: 'POST', path: '/v1/activities', token: admin, body: JSON.stringify({ activities }) }
  })
  const rows: string[] = []
  for (let round = 1; round <= rounds; round++) {
    const claims = claimsOf(await makeEvent(product, admin, `Round ${round}`))
    const limited = claimsOf(await makeEvent(product, admin, `Round ${round}, limited`, claimants))
    const alone = claimsOf(await makeEvent(product, admin, `Round ${round}, alone`)).slice(0, 500)
    const limitedAlone = claimsOf(await makeEvent(product, admin, `Round ${round}, limited, alone`, 500)).slice(0, 500)
    for (const [name, calls, inFlight] of [
      ['claims', claims, connections],
      ['claims of limited stock', limited, connections],
      ['event lists of 20', lists, connections],
      ['reports of 100 activities', reportsOf(round), connections],
      ['claims, one at a time', alone, 1],
      ['claims of limited stock, one at a time', limitedAlone, 1]
    ] as const) {
      rows.push(row(`${name}, round ${round}`, await load(product.url, calls, inFlight, product.processes)))
    }
  }
  const results = `# The product as \`npm start\` runs it

${connections} connections through the gateway (one where it says so), load and servers on one machine. Each claim is by
another user with another token, and its condition counts 5 activities. The first round also warms up. Absolute
figures depend on the machine; compare CPU time.

From start to ready: first ${first.readyAfter} ms, second ${product.readyAfter} ms.
Resident memory when ready: ${whenReady};
after the load: ${memoryOf(product)}.

| | per second | p50 ms | p99 ms | gateway CPU ms | event-service CPU ms | mongod CPU ms | statuses |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`
  saveReport('platform', results)
} finally {
  await product.stop()
  removeData(product.dataDir)
}
