import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { usageOf } from './processes.ts'
import { removeData, startProduct } from './product.ts'
import { saveReport } from './results.ts'
import { giveActivities, makeEvent } from './seed.ts'

// Sends a constant load through the gateway and measures the memory of each process every minute:
// `npm run bench:soak [minutes] [rounds per second]`. A round is an activity, a claim and a list by a new user.
const [minutes = 15, perSecond = 40] = process.argv.slice(2).map(Number)
const names = ['gateway', 'event-service', 'auth-service', 'mongod'] as const
const minute = 60_000
/** Each event has this many claimants before the next event replaces it. */
const claimantsPerEvent = 5000
const product = await startProduct()
const pool = new Pool(product.url, { connections: 16, pipelining: 1 })
const statuses = new Map<string, number>()

async function send (method: 'GET' | 'POST', path: string, token: string): Promise<void> {
  const response = await pool.request({ method, path, headers: { authorization: `Bearer ${token}` } })
  await response.body.dump()
  const what = `${method} ${response.statusCode}`
  statuses.set(what, (statuses.get(what) ?? 0) + 1)
}

try {
  let eventId = ''
  let sent = 0
  async function round (): Promise<void> {
    const n = sent++
    const admin = product.tokenFor('bench-admin', 'ADMIN')
    if (n % claimantsPerEvent === 0) eventId = await makeEvent(product, admin, `Soak ${n}`)
    const user = `soak-${n}`
    const token = product.tokenFor(user, 'USER')
    await giveActivities(product, admin, [user])
    await send('POST', `/v1/events/${eventId}/claims`, token)
    await send('GET', '/v1/users/me/events', token)
  }
  const memory = (): number[] => names.map(name => Math.round(usageOf(product.processes.get(name) ?? 0).rss))
  const startedAt = performance.now()
  const rows = [[0, 0, ...memory()]]
  await round()
  const inFlight = new Set<Promise<void>>()
  while (rows.length <= minutes) {
    const elapsed = performance.now() - startedAt
    if (elapsed >= rows.length * minute) rows.push([rows.length, sent, ...memory()])
    const due = elapsed / 1000 * perSecond
    if (sent >= due || inFlight.size >= 16) {
      await sleep(5)
      continue
    }
    const one = round().finally(() => inFlight.delete(one))
    inFlight.add(one)
    one.catch((error: unknown) => { console.error(error); process.exitCode = 1 })
  }
  await Promise.allSettled(inFlight)
  saveReport('soak', `# Memory under a constant load

${perSecond} rounds per second for ${minutes} minutes: each is 5 activities, a claim and a list by a new user, through
the gateway. Responses: ${[...statuses].map(([what, count]) => `${count} × ${what}`).join(', ')}.

Resident memory in MB:

| minute | rounds | ${names.join(' | ')} |
|---|---|${names.map(() => '---').join('|')}|
${rows.map(row => `| ${row.join(' | ')} |`).join('\n')}
`)
} finally {
  await pool.close()
  await product.stop()
  removeData(product.dataDir)
}
