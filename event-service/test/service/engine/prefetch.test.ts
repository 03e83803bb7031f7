import t from 'tap'
import { createEngine } from '../../../src/engine/index.ts'
import type { EventDocument } from '../../../src/stores/event-documents.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, db } = await sharedEventService()
const unexpected = (...what: readonly unknown[]): void => { t.fail(JSON.stringify(what)) }
const engine = createEngine(db, { warn: unexpected }, () => undefined, unexpected)
const operator = as('OPERATOR')
const cleared = { aggregation: 'count', activity: 'quest.cleared', target: 1 } as const
const limited = [{ type: 'POINT', name: '5 points', amount: 5, stock: 10 }]

async function userWith (...types: string[]): Promise<string> {
  const userId = newUserId()
  const occurredAt = new Date()
  await engine.activities.insert([types.map(type => ({ id: type, sender: 'game', userId, type, occurredAt }))])
  return userId
}

async function claim (eventId: string, userId: string): Promise<string> {
  const outcome = await engine.claim({ eventId, userId, role: 'USER', requestId: 'r' })
  return outcome.type
}

/** Changes an event without a server, like another process. */
async function change (eventId: string, $set: Partial<EventDocument>): Promise<void> {
  await db.collection<EventDocument>('events').updateOne({ _id: eventId }, { $set })
}

/** Returns the commands of the engine, in order. Unlike the commands of a server, they contain no name. */
async function commandsOf (work: () => Promise<unknown>): Promise<string[]> {
  await db.command({ profile: 2 })
  await work()
  await db.command({ profile: 0 })
  const own = {
    ns: /\.(events|activities|claims|stock)$/,
    appName: { $exists: false },
    // The update that ends a lease is sent at an unpredictable time.
    $nor: [{ op: 'update', ns: /\.stock$/ }]
  }
  const rows = await db.collection('system.profile').find(own).sort({ ts: 1 }).toArray()
  await db.collection('system.profile').drop()
  return rows.map(({ command, ns }) => `${Object.keys(command)[0] ?? ''} ${ns.split('.').at(-1)}`)
}

t.test('a single claim request reads everything in one command if its event was read before', async t => {
  const eventId = await activeEvent(call, operator, cleared, limited)
  const users = [await userWith('quest.cleared'), await userWith('quest.cleared')] as const
  t.equal(await claim(eventId, users[0]), 'granted')
  const commands = await commandsOf(async () => { t.equal(await claim(eventId, users[1]), 'granted') })
  t.strictSame(commands, ['aggregate events', 'findAndModify stock', 'insert claims'])
  t.strictSame(await commandsOf(async () => { t.equal(await claim(eventId, users[1]), 'final') }), ['aggregate events'])
})

t.test('a single request for progress needs one command if the event was read before', async t => {
  const eventId = await activeEvent(call, operator, cleared)
  const userId = await userWith('quest.cleared')
  const read = async () => await engine.progress.read({ eventId, userId, role: 'USER' })
  await read()
  const commands = await commandsOf(async () => {
    t.match(await read(), { decision: { status: 'GRANTED' }, claim: null })
  })
  t.strictSame(commands, ['aggregate events'])
  await claim(eventId, userId)
  t.match(await read(), { claim: { userId, status: 'GRANTED' } })
})

t.test('a request is decided with the current event, not with an earlier version', async t => {
  const eventId = await activeEvent(call, operator, cleared, limited)
  t.equal(await claim(eventId, await userWith('quest.cleared')), 'granted')
  await change(eventId, { condition: { ...cleared, activity: 'user.visited' } })
  t.equal(await claim(eventId, await userWith('quest.cleared')), 'refused')
  await change(eventId, { condition: cleared })
  t.equal(await claim(eventId, await userWith('user.visited')), 'refused')
  t.equal(await claim(eventId, await userWith('quest.cleared')), 'granted')

  await change(eventId, { startsAt: new Date(Date.now() + 60_000) })
  t.equal(await claim(eventId, await userWith('quest.cleared')), 'refused')
})

t.test('a claim of another period than the expected one is not used', async t => {
  const eventId = await activeEvent(call, operator, null, limited)
  const userId = newUserId()
  t.equal(await claim(eventId, userId), 'granted')
  t.equal(await claim(eventId, userId), 'final')
  await change(eventId, { claimPeriod: 'DAY' })
  t.equal(await claim(eventId, userId), 'granted')
  t.equal(await claim(eventId, userId), 'final')
})

t.test('a claim that cannot be read fails, even if it was expected', async t => {
  const eventId = await activeEvent(call, operator, null, limited)
  const userId = newUserId()
  t.equal(await claim(eventId, userId), 'granted')
  await db.collection('claims').updateOne({ eventId, userId }, { $set: { attempts: 'many' } })
  await t.rejects(claim(eventId, userId), { name: 'UnreadableDocumentError' })
})
