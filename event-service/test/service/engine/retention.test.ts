import { Timestamp } from 'mongodb'
import t, { type Test } from 'tap'
import { createActivityRetention, type ActivityRetention } from '../../../src/activity-retention.ts'
import { createOldActivityStore, type OldActivityStore } from '../../../src/stores/old-activities.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import type { Row } from '../../../../test/kit/servers/event-service.ts'
import { eventDatabase } from '../../support/database.ts'

const db = await eventDatabase(t)
const activities = db.collection<Row>('activities')
const store = createOldActivityStore(db)
const longAgo = new Date(Date.now() - 100 * 86_400_000)
const receivedAt = new Timestamp({ t: Math.floor(longAgo.getTime() / 1000), i: 1 })

/** Stores two old activities of each user. No event needs them. */
async function fill (t: Test, users: readonly string[]): Promise<void> {
  t.teardown(async () => { await activities.deleteMany({}) })
  await activities.insertMany(users.flatMap(userId => [1, 2].map(index =>
    ({ _id: `${userId}:${index}`, userId, type: 'quest.cleared', occurredAt: longAgo, receivedAt }))))
}

const usersLeft = async () => await activities.distinct('userId')

interface Given extends Partial<OldActivityStore> {
  readonly warn?: (error: unknown, message: string) => void
}

function retentionOf ({ warn = () => undefined, ...changes }: Given = {}): ActivityRetention {
  return createActivityRetention({
    store: { ...store, ...changes }, days: 30, log: { warn }, onRemoved: () => undefined
  })
}

/** More than one step processes. */
const manyUsers = Array.from({ length: 25 }, (_, index) => `user-${index}`)

t.test('without events, all old activities are removed, of as many users as there are', async t => {
  await fill(t, manyUsers)
  await retentionOf().pass()
  t.strictSame(await usersLeft(), [])
})

t.test('in the background, steps run one after another', async t => {
  await fill(t, manyUsers)
  const retention = retentionOf()
  retention.start()
  await eventually(async () => (await usersLeft()).length === 0)
  await retention.close()
})

t.test('a user whose activities cannot be removed does not affect others, and the pass reports it', async t => {
  await fill(t, ['ann', 'ben', 'kim'])
  const retention = retentionOf({
    async remove (userId, ...rest) {
      if (userId === 'ben') throw new Error('ben has too many')
      return await store.remove(userId, ...rest)
    }
  })
  await t.rejects(retention.pass(), { message: 'ben has too many' })
  t.strictSame(await usersLeft(), ['ben'])
})

t.test('a step that fails in the background is logged', async t => {
  const warnings: Array<readonly [unknown, string]> = []
  const retention = retentionOf({
    async nextUser () { throw new Error('no answer') },
    warn: (details, message) => { warnings.push([details, message]) }
  })
  retention.start()
  await eventually(async () => warnings.length > 0)
  await retention.close()
  t.match(warnings, [[{ err: { message: 'no answer' } }, 'old activities were not removed; retrying in 1 minute']])
})

t.test('once it is closed, the rest is left to the next process', async t => {
  await fill(t, ['ann', 'ben'])
  const retention = retentionOf({
    async remove (...given) {
      await retention.close()
      return await store.remove(...given)
    }
  })
  await retention.pass()
  t.strictSame(await usersLeft(), ['ben'])
})
