import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { load, type Call, type Measured } from './load.ts'
import { removeData, startProduct } from './product.ts'
import { saveReport } from './results.ts'

// Measures logins and the bare library alternately on the same cores, and the latency of other requests at the same
// time: `npm run bench:login`. With a low cost, it takes only a minute; the overhead of the platform is the same.
const cost = 10
const cores = availableParallelism()
const rounds = 3
const roundTime = 5000
const atOnce = 64
const password = 'a long walk by the sea'

/** Returns how many hashes per second bcryptjs compares with one thread per core. */
async function bareLibrary (): Promise<number> {
  const program = `
    const { parentPort } = require('node:worker_threads')
    import('bcryptjs').then(({ default: bcrypt }) => {
      const hash = bcrypt.hashSync('${password}', ${cost})
      const end = performance.now() + ${roundTime}
      let done = 0
      for (; performance.now() < end; done++) bcrypt.compareSync('${password}', hash)
      parentPort.postMessage(done)
    })`
  const run = async (): Promise<number> => await new Promise((resolve, reject) => {
    new Worker(program, { eval: true }).once('message', resolve).once('error', reject)
  })
  const counts = await Promise.all(Array.from({ length: cores }, run))
  return counts.reduce((sum, count) => sum + count) / (roundTime / 1000)
}

interface Logins {
  readonly rate: number
  readonly p99: number
  readonly statuses: ReadonlyMap<number, number>
}

/** Logs in over this many connections for one round. */
async function logins (url: string, email: string, connections: number): Promise<Logins> {
  const end = performance.now() + roundTime
  const statuses = new Map<number, number>()
  const times: number[] = []
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() < end) {
      const sent = performance.now()
      const response = await fetch(`${url}/v1/auth/login`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password })
      })
      await response.arrayBuffer()
      times.push(performance.now() - sent)
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
    }
  }))
  times.sort((a, b) => a - b)
  const p99 = times[Math.floor(times.length * 0.99)] ?? 0
  return { rate: (statuses.get(200) ?? 0) / (roundTime / 1000), p99, statuses }
}

const settings = { BCRYPT_COST: String(cost), LOGIN_LIMIT_PER_MINUTE: '0', RATE_LIMIT_PER_MINUTE: '0' }
const product = await startProduct(undefined, settings)
try {
  const email = 'bench@example.com'
  await fetch(`${product.url}/v1/auth/register`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password })
  })
  const lists = Array.from({ length: 600 }, (_, n): Call =>
    ({ method: 'GET', path: '/v1/events', token: product.tokenFor(`bench-user-${n}`, 'USER') }))
  const others = async (): Promise<Measured> => await load(product.url, lists, 2, new Map())

  const rows: string[] = []
  for (let round = 1; round <= rounds; round++) {
    const bare = await bareLibrary()
    const { rate, p99 } = await logins(product.url, email, cores * 2)
    const share = (rate / bare * 100).toFixed(0)
    rows.push(`| ${round} | ${bare.toFixed(1)} | ${rate.toFixed(1)} | ${share} % | ${p99.toFixed(0)} |`)
  }
  await others()
  const idle = await others()
  const [meanwhile, flood] = await Promise.all([others(), logins(product.url, email, atOnce)])
  const results = `# Logins

${cores} cores, cost ${cost}, load and servers on one machine. The bare library only compares a password. A login also
passes the gateway, writes its session to MongoDB, signs a token and reports an activity to event-service.

| round | bcryptjs alone, hashes/s | logins/s | share | login p99 ms |
|---|---|---|---|---|
${rows.join('\n')}

Other requests (event lists over 2 connections), p50 / p99 ms: idle ${idle.p50.toFixed(1)} / ${idle.p99.toFixed(1)};
during ${atOnce} concurrent logins ${meanwhile.p50.toFixed(1)} / ${meanwhile.p99.toFixed(1)}
(those logins: ${[...flood.statuses].map(pair => pair.join('×')).join(' ')}).
`
  saveReport('login', results)
} finally {
  await product.stop()
  removeData(product.dataDir)
}
