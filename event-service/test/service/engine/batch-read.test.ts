import { inTransaction } from '@laurel/shared/mongo'
import t from 'tap'
import { createStores } from '../../../src/stores/index.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, startEventService } from '../../../../test/kit/servers/event-service.ts'

const { call, db } = await startEventService(t)
const { events, settings } = createStores(db, () => undefined)

t.test('the settings are read in one command with the events of a batch', async t => {
  const eventId = await activeEvent(call, as('OPERATOR'), null)
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
  // Commands of a server contain its name, because its webhook relay also sends reads.
  const own = { ns: /\.events$/, appName: { $exists: false } }
  t.equal(await db.collection('system.profile').countDocuments(own), 1)
  t.strictSame(await settings.read(), { pause, wantedTypes: ['claim.granted'] })

  await inTransaction(db, async session => { await settings.setPause(null, session) })
  t.strictSame(await read(), { wantedTypes: ['claim.granted'] })
})

t.test('the events of a batch are those that exist', async t => {
  const eventId = await activeEvent(call, as('OPERATOR'), null)
  const { events: found } = await events.readBatch([eventId, 'unknown'])
  t.strictSame([...found.keys()], [eventId])
})
