// Load for deploy/test-compose.sh: simulates users and a load balancer in front of several gateways.
//   node deploy/rolling-load.mjs URL…    needs the access tokens KIM and ADMIN; prints its counts on SIGTERM
// Sends each request to the next ready gateway, over keep-alive connections, without retries. Exits with 1 if a request
// failed.
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const gateways = process.argv.slice(2).map(url => ({ url, isReady: false, agent: new Agent({ keepAlive: true }) }))
const { KIM, ADMIN } = process.env
const workers = 8
const run = `rolling-${Date.now()}`
const counts = new Map()
const failures = new Map()
const ending = new AbortController()
let turn = 0
process.once('SIGTERM', () => { ending.abort() })

const send = (url, agent, { method = 'GET', token, body } = {}) => new Promise(resolve => {
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' })
  }
  const sent = request(url, { method, agent, headers, timeout: 15_000 }, response => {
    let body = ''
    response.setEncoding('utf8').on('data', chunk => { body += chunk })
    response.once('end', () => {
      // The code and the sentence of an error: a problem document.
      resolve(response.statusCode < 400 ? response.statusCode : `${response.statusCode} ${body}`)
    })
    response.once('error', error => { resolve(error.code) })
  })
  sent.once('timeout', () => { sent.destroy(new Error('no answer within 15 seconds')) })
  sent.once('error', error => { resolve(error.code ?? error.message) })
  sent.end(body === undefined ? undefined : JSON.stringify(body))
})

async function watch (gateway) {
  while (!ending.signal.aborted) {
    gateway.isReady = await send(`${gateway.url}/health/ready`, undefined) === 200
    await sleep(100)
  }
}

const operations = [
  () => ['/v1/users/me', 200, { token: KIM }],
  () => ['/v1/events', 200, { token: KIM }],
  () => ['/v1/users/me/events', 200, { token: KIM }],
  () => ['/v1/auth/register', 201, {
    method: 'POST', body: { email: `${run}-${turn}@example.com`, password: 'a walk by the sea' }
  }],
  () => ['/v1/activities', 200, {
    method: 'POST',
    token: ADMIN,
    body: { activities: [{ id: `${run}-${turn}`, userId: 'somebody', type: 'quest.cleared' }] }
  }]
]

async function work () {
  while (!ending.signal.aborted) {
    const ready = gateways.filter(({ isReady }) => isReady)
    turn += 1
    const gateway = ready[turn % ready.length]
    if (gateway === undefined) {
      await sleep(20)
      continue
    }
    const [path, expected, options] = operations[turn % operations.length]()
    const outcome = await send(`${gateway.url}${path}`, gateway.agent, options)
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    if (outcome !== expected) {
      const what = `${options.method ?? 'GET'} ${path}: ${outcome}`
      failures.set(what, (failures.get(what) ?? 0) + 1)
    }
    await sleep(Math.random() * 40)
  }
}

await Promise.all([...gateways.map(watch), ...Array.from({ length: workers }, work)])
const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
const failed = [...failures.values()].reduce((sum, count) => sum + count, 0)
console.log(`${total} requests, ${failed} failed`)
for (const [what, count] of failures) console.log(`  ${count} × ${what}`)
process.exit(failed === 0 && total > 0 ? 0 : 1)
