import t, { type Test } from 'tap'
import { killMember, startThrowAwayMongod, type ThrowAwayMongod } from '../kit/mongo/throw-away.ts'
import { freeAddresses } from '../kit/servers/addresses.ts'
import { password } from '../kit/servers/auth.ts'
import { startBuilt, type Child } from '../kit/servers/child.ts'
import { registerAndLogin } from '../kit/servers/platform.ts'
import { createCall, type Call } from '../kit/http/client.ts'
import { dataDirOf } from '../kit/tokens/data-dir.ts'

/** How many times each server is stopped. */
const rounds = Number(process.env['SHUTDOWN_ROUNDS'] ?? 1)
/** Milliseconds. */
const promised = 10_000

/** Starts the built servers with their own MongoDB. */
async function start (t: Test) {
  const mongod = await startThrowAwayMongod(new AbortController().signal, () => undefined)
  t.teardown(mongod.stop)
  const { urls, env: addresses } = await freeAddresses()
  const env = {
    ...addresses,
    MONGODB_URI: mongod.uri,
    DATA_DIR: dataDirOf(t),
    ADMIN_PASSWORD: password,
    BCRYPT_COST: '4',
    LOG_LEVEL: 'silent'
  }
  const servers = new Map<string, Child>()
  const all = [['auth-service', urls.auth], ['event-service', urls.event], ['gateway', urls.gateway]] as const
  for (const [name, url] of all) {
    const server = startBuilt(t, name, env)
    servers.set(name, server)
    await server.answers(`${url}/health/ready`)
  }
  return { mongod, servers, gateway: urls.gateway }
}

function signalMongod ({ replicaSet }: ThrowAwayMongod, signal: NodeJS.Signals): void {
  for (const { instanceInfo } of replicaSet.servers) instanceInfo?.instance.mongodProcess?.kill(signal)
}

/** Requests to both services that need MongoDB. Each resolves to its status, or to 0 without a response. */
function startRequests (call: Call, token: string): Promise<number[]> {
  const login = { body: { email: 'admin@example.com', password } }
  return Promise.all([
    ...[1, 2, 3].map(async () => await call('GET', '/v1/users/me/events', { token })),
    ...[1, 2, 3].map(async () => await call('GET', '/v1/users/me', { token })),
    call('POST', '/v1/auth/login', login)
  ].map(async response => await response.then(({ status }) => status, () => 0)))
}

t.jobs = 2
for (const [what, leave] of [
  ['is killed', async ({ replicaSet }: ThrowAwayMongod) => { await Promise.all(replicaSet.servers.map(killMember)) }],
  ['does not answer', async (mongod: ThrowAwayMongod) => { signalMongod(mongod, 'SIGSTOP') }]
] as const) {
  for (let round = 1; round <= rounds; round++) {
    const title = `exit 0 within 10 seconds: SIGTERM while MongoDB ${what}, with requests in flight (${round})`
    void t.test(title, async t => {
      const { mongod, servers, gateway } = await start(t)
      t.teardown(() => { signalMongod(mongod, 'SIGCONT') })
      const { token } = await registerAndLogin(gateway)
      await leave(mongod)
      const statuses = startRequests(createCall(gateway), token)
      const begun = performance.now()
      await Promise.all([...servers].map(async ([name, { process, exited }]) => {
        process.kill('SIGTERM')
        t.same(await exited, { code: 0, signal: null }, name)
        const took = performance.now() - begun
        t.ok(took < promised, `${name} takes ${Math.round(took)} ms`)
      }))
      for (const status of await statuses) t.not(status, 200)
    })
  }
}
