import t from 'tap'
import { migrations } from '../../../src/stores/migrations.ts'
import { createSettingsStore } from '../../../src/stores/settings.ts'
import { ownDatabase } from '../../../../test/kit/mongo/database.ts'
import type { Row } from '../../../../test/kit/servers/event-service.ts'

const { client, name } = ownDatabase(t, 'migrations')
const db = client.db(name)
const migrate = async (): Promise<void> => {
  for (const { run } of migrations) await run(db, () => undefined)
}
const pause = { reason: 'Inventory', by: 'ann', at: new Date() }

t.test('a database without settings stays as it is', async t => {
  await migrate()
  t.equal(await db.collection('events').countDocuments(), 0)
})

t.test('settings in their own collection are copied once, and later changes are kept', async t => {
  const settings = createSettingsStore(db)
  const before = { _id: 'platform', pause, wantedTypes: ['claim.granted'], revision: 4 }
  await db.collection<Row>('settings').insertOne(before)
  await migrate()
  t.strictSame(await settings.read(), { pause, wantedTypes: ['claim.granted'] })
  await client.withSession(async session => { await settings.setPause(null, session) })
  await migrate()
  t.strictSame(await settings.read(), { wantedTypes: ['claim.granted'] })
})
