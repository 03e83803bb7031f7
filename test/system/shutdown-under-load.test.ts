import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../kit/run/eventually.ts'
import { password } from '../kit/servers/auth.ts'
import { startBuilt, type Child } from '../kit/servers/child.ts'
import { serverEnvironment } from '../kit/servers/environment.ts'
import { login } from '../kit/servers/platform.ts'

/** How many times each server is stopped. */
const rounds = Number(process.env['SHUTDOWN_ROUNDS'] ?? 1)
const workers = 16

interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token?: string
  readonly body?: object
  /** The value that this write adds to the database: an email address or the id of an activity. */
  readonly written?: string
}

interface Sent extends Call {
  /** The status, or the code of the error. */
  readonly outcome: number | string
}

/** Starts the built servers with their own databases. */
async function start () {
  const { urls, env, databases: { auth, event } } = await serverEnvironment(t)
  const run = async (name: keyof typeof urlOf): Promise<Child> => {
    const server = startBuilt(t, name, env)
    await server.answers(`${urlOf[name]}/health/ready`)
    return server
  }
  const urlOf = { 'auth-service': urls.auth, 'event-service': urls.event, gateway: urls.gateway }
  const [authServer, eventServer, gateway] =
    await Promise.all([run('auth-service'), run('event-service'), run('gateway')])
  const { token } = await login(urls.auth, 'admin@example.com', password)
  const readWritten = async (): Promise<Set<string>> => {
    const users = await auth.client.db(auth.name).collection('users').distinct('email')
    const rows = await event.client.db(event.name).collection<{ _id: string }>('activities').distinct('_id')
    return new Set([...users, ...rows.map(id => id.replace(/.*:/, ''))])
  }
  const servers = { 'auth-service': authServer, 'event-service': eventServer, gateway }
  return { servers, run, urlOf, token, readWritten }
}

/** The requests to a server, in rotation. */
function callsOf (name: string, token: string): ReadonlyArray<(n: number) => Call> {
  const ofAuth = [
    () => ({ method: 'GET', path: '/v1/users/me', token } as const),
    (n: number) => {
      const email = `u-${n}@example.com`
      return { method: 'POST', path: '/v1/auth/register', body: { email, password }, written: email } as const
    }
  ]
  const ofEvent = [
    () => ({ method: 'GET', path: '/v1/events', token } as const),
    (n: number) => {
      const activities = [{ id: `a-${n}`, userId: 'kim', type: 'quest.cleared' }]
      return { method: 'POST', path: '/v1/activities', token, body: { activities }, written: `a-${n}` } as const
    }
  ]
  return [...(name === 'event-service' ? [] : ofAuth), ...(name === 'auth-service' ? [] : ofEvent)]
}

/** Sends requests over kept-alive connections, one after the other on each, until the signal is aborted. */
async function load (url: string, nextCall: () => Call, signal: AbortSignal, sent: Sent[]): Promise<void> {
  const agent = new Agent({ keepAlive: true })
  const send = async ({ method, path, token, body }: Call): Promise<number | string> => await new Promise(resolve => {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' })
    }
    const outgoing = request(`${url}${path}`, { method, agent, headers }, response => {
      response.resume()
      response.once('end', () => { resolve(response.statusCode ?? 0) })
      response.once('error', () => { resolve('half a response') })
    })
    outgoing.once('error', ({ code }: NodeJS.ErrnoException) => { resolve(String(code)) })
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })
  await Promise.all(Array.from({ length: workers }, async () => {
    while (!signal.aborted) {
      const call = nextCall()
      const outcome = await send(call)
      sent.push({ ...call, outcome })
      // The server no longer listens.
      if (outcome === 'ECONNREFUSED') await sleep(5)
    }
  }))
  agent.destroy()
}

const { servers, run, urlOf, token, readWritten } = await start()
let turn = 0

// The gateway stops first, because it needs the services; auth-service has the keys of event-service.
for (const name of ['gateway', 'event-service', 'auth-service'] as const) {
  t.test(`SIGTERM under load: ${name} answers what it has accepted, and exits with 0`, async t => {
    let server = servers[name]
    const calls = callsOf(name, token)
    const nextCall = (): Call => {
      turn += 1
      const make = calls[turn % calls.length]
      if (make === undefined) throw new Error('no call')
      return make(turn)
    }
    for (let round = 1; round <= rounds; round++) {
      const ended = new AbortController()
      const sent: Sent[] = []
      const sending = load(urlOf[name], nextCall, ended.signal, sent)
      await eventually(async () => sent.length >= 4 * workers)
      const before = sent.length
      server.process.kill('SIGTERM')
      t.same(await server.exited, { code: 0, signal: null })
      ended.abort()
      await sending
      const answered = sent.filter(({ outcome }) => typeof outcome === 'number')
      t.same(answered.filter(({ outcome }) => outcome !== 200 && outcome !== 201), [])
      t.ok(answered.length > before, 'requests after the signal are answered, too')
      // The other requests reached no process, because an idle connection closed while a request was in transit.
      const others = sent.filter(({ outcome }) => typeof outcome === 'string')
      const expected = new Set<number | string>(['ECONNREFUSED', 'ECONNRESET', 'EPIPE'])
      t.same(others.filter(({ outcome }) => !expected.has(outcome)), [])
      const known = await readWritten()
      t.same(answered.filter(({ written }) => written !== undefined && !known.has(written)), [])
      t.same(others.filter(({ written }) => written !== undefined && known.has(written)), [])
      const reset = others.filter(({ outcome }) => outcome !== 'ECONNREFUSED').length
      t.comment(`round ${round}: ${answered.length} answered, ${answered.length - before} of them after the signal, ` +
        `${reset} met a closed connection`)
      if (round < rounds) server = await run(name)
    }
  })
}
