import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { killMember, startThrowAwayMongod, type ThrowAwayMongod } from '../kit/mongo/throw-away.ts'
import { freeAddresses } from '../kit/servers/addresses.ts'
import { eventually } from '../kit/run/eventually.ts'
import { password } from '../kit/servers/auth.ts'
import { startBuilt, type Child } from '../kit/servers/child.ts'
import { registerAndLogin } from '../kit/servers/platform.ts'
import { createCall, type Call } from '../kit/http/client.ts'
import { dataDirOf } from '../kit/tokens/data-dir.ts'

/** How many times each server is stopped. */
const rounds = Number(process.env['SHUTDOWN_ROUNDS'] ?? 1)
/** Milliseconds. */
const promised = 10_000

/** Starts the built servers. */
async function start (t: Test, mongoUri: string) {
  const { urls, env: addresses } = await freeAddresses()
  const env = {
    ...addresses,
    MONGODB_URI: mongoUri,
    DATA_DIR: dataDirOf(t),
    ADMIN_PASSWORD: password,
    BCRYPT_COST: '4',
    LOG_LEVEL: 'silent'
  }
  const all = [['auth-service', urls.auth], ['event-service', urls.event], ['gateway', urls.gateway]] as const
  const servers = new Map<string, Child>(all.map(([name]) => [name, startBuilt(t, name, env)]))
  await Promise.all(all.map(async ([name, url]) => { await servers.get(name)?.answers(`${url}/health/ready`) }))
  return { servers, gateway: urls.gateway }
}

function signalMongod ({ replicaSet }: ThrowAwayMongod, signal: NodeJS.Signals): void {
  for (const { instanceInfo } of replicaSet.servers) instanceInfo?.instance.mongodProcess?.kill(signal)
}

/** Waits until MongoDB has stopped. After SIGSTOP, its threads continue until one of them has received the signal. */
async function waitUntilUnanswered (call: Call, token: string): Promise<void> {
  await eventually(async () => await Promise.race([
    call('GET', '/v1/users/me', { token }).then(({ status }) => status !== 200, () => true),
    sleep(500, true)
  ]))
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

for (let round = 1; round <= rounds; round++) {
  t.test(`round ${round}`, async t => {
    const mongod = await startThrowAwayMongod(new AbortController().signal, () => undefined)
    t.teardown(mongod.stop)
    for (const [what, leave] of [
      ['does not answer', async () => { signalMongod(mongod, 'SIGSTOP') }],
      ['is killed', async () => { await Promise.all(mongod.replicaSet.servers.map(killMember)) }]
    ] as const) {
      await t.test(`exit 0 within 10 seconds: SIGTERM while MongoDB ${what}, with requests in flight`, async t => {
        const { servers, gateway } = await start(t, mongod.uri)
        t.teardown(() => { signalMongod(mongod, 'SIGCONT') })
        const { token } = await registerAndLogin(gateway)
        const call = createCall(gateway)
        await leave()
        await waitUntilUnanswered(call, token)
        const statuses = startRequests(call, token)
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
  })
}
