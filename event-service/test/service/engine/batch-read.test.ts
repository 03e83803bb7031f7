import { inTransaction } from '@laurel/shared/mongo'
import t from 'tap'
import { auditOfNewEvent } from '../../../src/domain/audit.ts'
import { newEvent } from '../../../src/domain/event-changes.ts'
import { createStores } from '../../../src/stores/index.ts'
import { runningEvent } from '../../../../test/kit/servers/events.ts'
import { eventDatabase } from '../../support/database.ts'

const db = await eventDatabase(t)
const { events, settings } = createStores(db, () => undefined)

async function insertEvent (): Promise<string> {
  const event = newEvent(runningEvent(), 'UTC', new Date())
  await events.insert(event, auditOfNewEvent({ id: 'ann', role: 'OPERATOR', requestId: 'r' }, event))
  return event.id
}

t.test('the settings are read in one command with the events of a batch', async t => {
  const eventId = await insertEvent()
  const read = async () => (await events.readBatch([eventId, 'unknown'])).settings
  t.strictSame(await read(), { wantedTypes: [] }, 'nothing was ever set')

  const pause = { reason: 'Inventory', by: 'ann', at: new Date() }
  await inTransaction(db, async session => {
    await settings.setPause(pause, session)
    await settings.setWantedTypes(['claim.granted'], session)
  })
  await db.command({ profile: 2 })
  t.strictSame(await read(), { pause, wantedTypes: ['claim.granted'] })
  await db.command({ profile: 0 })
  t.equal(await db.collection('system.profile').countDocuments({ ns: /\.events$/ }), 1)
  t.strictSame(await settings.read(), { pause, wantedTypes: ['claim.granted'] })

  await inTransaction(db, async session => { await settings.setPause(null, session) })
  t.strictSame(await read(), { wantedTypes: ['claim.granted'] })
})

t.test('the events of a batch are those that exist', async t => {
  const eventId = await insertEvent()
  const { events: found } = await events.readBatch([eventId, 'unknown'])
  t.strictSame([...found.keys()], [eventId])
})
