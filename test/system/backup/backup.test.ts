import { join } from 'node:path'
import { backUp, restore } from '@laurel/shared/backup'
import t from 'tap'
import { startAuthStandIn } from '../../chaos/auth-stand-in.ts'
import { createAcknowledged } from '../../chaos/acknowledged.ts'
import { checkAll } from '../../chaos/checks/index.ts'
import { checkResponses } from '../../chaos/checks/responses.ts'
import { createClient } from '../../chaos/client.ts'
import { createEvents } from '../../chaos/events.ts'
import { runLoad, type LoadContext } from '../../chaos/load.ts'
import { sellOut } from '../../chaos/sell-out.ts'
import { readState } from '../../chaos/state.ts'
import { waitForSweeper } from '../../chaos/sweeper.ts'
import { ownDatabase } from '../../kit/mongo/database.ts'
import { eventually } from '../../kit/run/eventually.ts'
import { createRandom } from '../../kit/run/random.ts'
import { scratch } from '../../kit/run/scratch.ts'
import { inFullRun } from '../../kit/run/size.ts'
import { adminEmail, startAuth } from '../../kit/servers/auth.ts'
import { promisedSoFar, startServers, stateAt, stateNow } from './rehearsal.ts'

const seed = 20261126
const clients = 8

t.test('a backup under load is the state at one point in time, and the platform continues from it', async t => {
  const [event, auth, newEvent, newAuth] =
    [ownDatabase(t, 'event'), ownDatabase(t, 'auth'), ownDatabase(t, 'event'), ownDatabase(t, 'auth')]
  const standIn = await startAuthStandIn()
  t.teardown(standIn.close)
  const { signal } = new AbortController()
  const random = createRandom(seed)
  const dir = join(scratch(t), 'backup')

  const old = await startServers(t, event.uri, standIn.url)
  const accounts = await startAuth(t, {}, auth)
  const acknowledged = createAcknowledged()
  const client = createClient(old.urls, standIn.tokenFor, acknowledged, signal)
  const events = await createEvents(client, random, acknowledged, inFullRun(1, 0.25))
  const registered: string[] = []
  let keys = 0
  const context: LoadContext = { client, events, users: 300, acknowledged, newKey: () => `key-${keys++}` }

  const done = new AbortController()
  const load = runLoad(done.signal, context, clients, random)
  const registering = (async () => {
    while (!done.signal.aborted) registered.push((await accounts.register()).email)
  })()
  await eventually(async () => acknowledged.claims.length > 80 && acknowledged.reviews.length > 5 &&
    acknowledged.codes.size > 0 && registered.length > 10)

  const promised = promisedSoFar(acknowledged)
  const promisedAccounts = [...registered]
  const manifest = await backUp([
    { name: 'laurel_auth', uri: auth.uri }, { name: 'laurel_event', uri: event.uri }
  ], dir)
  const { length } = acknowledged.claims
  await eventually(async () => acknowledged.claims.length > length + 30)
  done.abort()
  await Promise.all([load, registering])
  t.same(acknowledged.unexpected, [])

  await restore([{ name: 'laurel_auth', uri: newAuth.uri }, { name: 'laurel_event', uri: newEvent.uri }], dir)

  await t.test('the new databases contain exactly the documents of that point in time, with their types', async t => {
    const [authBackup, eventBackup] = manifest.databases
    if (authBackup === undefined || eventBackup === undefined) throw new Error('A database is missing.')
    t.same(authBackup.clusterTime, eventBackup.clusterTime)
    const found = [await stateNow(newAuth.client, newAuth.name), await stateNow(newEvent.client, newEvent.name)]
    t.strictSame(found, [
      await stateAt(auth.client, auth.name, authBackup), await stateAt(event.client, event.name, eventBackup)
    ])
  })

  await old.stop()
  const db = newEvent.client.db(newEvent.name)
  // In practice, a restore takes longer than the lifetime of a lease.
  await db.collection('stock').updateMany({ 'leases.0': { $exists: true } }, { $set: { 'leases.$[].at': new Date(0) } })
  const { urls } = await startServers(t, newEvent.uri, standIn.url)

  await t.test('every account that was acknowledged before the backup can log in', async t => {
    const restored = await startAuth(t, {}, newAuth)
    for (const email of [adminEmail, ...promisedAccounts.slice(0, 5), ...promisedAccounts.slice(-5)]) {
      t.equal((await restored.tryLogin(email)).status, 200, email)
    }
    const emails = new Set((await restored.users.find().toArray()).map(({ email }) => email))
    t.same(promisedAccounts.filter(email => !emails.has(email)), [])
  })

  await t.test('nothing that was acknowledged before the backup is lost, and all totals are consistent', async t => {
    const newClient = createClient(urls, standIn.tokenFor, promised, signal)
    t.same(await waitForSweeper(db, signal), [])
    await sellOut({ ...context, client: newClient, acknowledged: promised }, random, signal)
    t.same(await waitForSweeper(db, signal), [])
    const state = await readState(db)
    t.same(checkAll(state, promised), [])
    t.same(await checkResponses({ client: newClient, events, state, random }), [])
    t.same(promised.unexpected, [])
  })
})
