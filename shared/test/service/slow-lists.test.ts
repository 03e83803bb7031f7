import { connectMongo, findEntryPage, findPage, translateMongoError } from '@laurel/shared/mongo'
import t from 'tap'
import { DomainError } from '../../src/errors.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'

interface Row { _id: string, createdAt: Date | string }

const { uri } = ownDatabase(t, 'lists')
const { db, close } = await connectMongo(uri, 'lists', 'test', [{ name: 'rows', indexes: [] }])
t.teardown(close)
const rows = db.collection<Row>('rows')
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))

t.test('503 for slow lists, long before they would finish, and they do not occupy all connections', async t => {
  await rows.insertMany([{ _id: 'a', createdAt: at(1) }])
  const list = async (time: number): Promise<unknown> =>
    await findPage(rows, { $where: `sleep(${time}) || true` }, {}).catch((error: unknown) => error)
  // MongoDB compiles JavaScript for each of them, which also takes time.
  await Promise.all(Array.from({ length: 10 }, async () => await list(1)))

  let inProgress = 60
  const begun = performance.now()
  const slow = Array.from({ length: inProgress }, async () => await list(20_000).finally(() => { inProgress -= 1 }))
  t.hasStrict(await rows.findOne({ _id: 'a' }), { _id: 'a' })
  t.ok(inProgress >= 10, 'other reads are answered at the same time')
  const refusals = (await Promise.all(slow)).map(error =>
    error instanceof DomainError ? error : translateMongoError(error))
  t.match(refusals, refusals.map(() => ({ kind: 'unavailable' })))
  t.equal(refusals.filter(refusal => refusal?.code === 'TOO_BUSY').length, 50, 'ten at a time, and the others wait 1 s')
  t.ok(performance.now() - begun < 15_000)
  await rows.deleteMany({})
})

t.test('the next page starts after rows without an instant', async t => {
  const instants = [at(1), at(2), 'noon', 'night', at(3), at(4)]
  const made = instants.map((createdAt, index) => ({ _id: `r${index}`, createdAt }))
  await rows.insertMany(made)
  for (const order of ['asc', 'desc'] as const) {
    const seen: string[] = []
    let cursor: string | undefined
    for (let page = 0; page < 10; page++) {
      const query = { limit: 3, order, ...(cursor === undefined ? {} : { cursor }) }
      const { data, nextCursor } = await findPage(rows, {}, query)
      seen.push(...data.map(({ _id }) => _id))
      if (nextCursor === null) break
      cursor = nextCursor
    }
    t.ok(['r0', 'r1', 'r4', 'r5'].every(id => seen.includes(id)), order)
  }
  await rows.deleteMany({})
})

t.test('the next page of entries starts after rows without entries', async t => {
  await rows.insertMany(Array.from({ length: 12 }, (_, index) => ({ _id: `r${index + 10}`, createdAt: at(index) })))
  const source = {
    filter: {},
    by: 'createdAt',
    entriesOf: ({ _id }: { readonly _id: string }) =>
      Number(_id.slice(1)) % 6 === 0 ? [`${_id}-0`, `${_id}-1`] : []
  }
  for (const order of ['asc', 'desc'] as const) {
    const seen: string[] = []
    let cursor: string | undefined
    for (let page = 0; page < 20; page++) {
      const query = { limit: 2, order, ...(cursor === undefined ? {} : { cursor }) }
      const { data, nextCursor } = await findEntryPage(rows, [source], query)
      seen.push(...data)
      if (nextCursor === null) break
      cursor = nextCursor
    }
    const expected = ['r12-0', 'r12-1', 'r18-0', 'r18-1']
    t.strictSame(seen, order === 'asc' ? expected : expected.toReversed(), order)
  }
})

t.test('entries of one instant are ordered by row, then by index in the row, on pages of any size', async t => {
  await rows.deleteMany({})
  const ids = ['a', 'b', 'c', 'd', 'e']
  await rows.insertMany(['d', 'b', 'e', 'a', 'c'].map(_id => ({ _id, createdAt: at(1) })))
  const sources = [1, 2].map(source => ({
    filter: {}, by: 'createdAt', entriesOf: ({ _id }: { readonly _id: string }) => [`${_id}${source}`]
  }))
  const expected = ids.flatMap(id => [`${id}1`, `${id}2`])
  for (const limit of [1, 2, 3, 4]) {
    for (const order of ['asc', 'desc'] as const) {
      const seen: string[] = []
      let cursor: string | null | undefined
      while (cursor !== null) {
        const page = await findEntryPage(rows, sources, { limit, order, ...(cursor === undefined ? {} : { cursor }) })
        seen.push(...page.data)
        cursor = page.nextCursor
      }
      t.strictSame(seen, order === 'asc' ? expected : expected.toReversed(), `${limit} ${order}`)
    }
  }
})
