import { findPage, type ListQuery } from '@laurel/shared/mongo'
import t from 'tap'
import { ownDatabase } from '../../test/kit/database.ts'

interface Row { _id: string, createdAt: Date, kind: string }

const { client, name } = ownDatabase(t, 'page')
const rows = client.db(name).collection<Row>('rows')
const noon = Date.UTC(2026, 10, 21, 12)

/** Ids in order of creation: three are made in the same millisecond, and their ids decide. */
const made = ['a', 'b', 'c', 'tie-1', 'tie-2', 'tie-3', 'x.y.z', 'last']
const timeOf = (id: string, index: number) => new Date(noon + (id.startsWith('tie') ? 10 : index * 4))

t.before(async () => {
  await rows.insertMany(made.map((_id, index) => ({ _id, createdAt: timeOf(_id, index), kind: index % 2 === 0 ? 'even' : 'odd' })))
})

async function page (query: ListQuery, filter: object = {}, list = 'rows') {
  const { data, nextCursor } = await findPage(rows, list, filter, query)
  return { ids: data.map(({ _id }) => _id), nextCursor }
}

async function walk (query: ListQuery, between: () => Promise<unknown> = async () => undefined, filter: object = {}) {
  const pages: string[][] = []
  let cursor: string | null = null
  do {
    const { ids, nextCursor } = await page({ ...query, ...(cursor === null ? {} : { cursor }) }, filter)
    pages.push(ids)
    cursor = nextCursor
    await between()
  } while (cursor !== null)
  return pages
}

const newestFirst = made.toReversed()

t.test('newest first, 20 a page, unless asked otherwise', async t => {
  t.same(await page({}), { ids: newestFirst, nextCursor: null })
  t.same(await page({ order: 'asc' }), { ids: made, nextCursor: null })
})

t.test('pages of any size hold every row once and in order, also where rows were made in the same millisecond', async t => {
  for (const limit of [1, 2, 3, 4, 5, 7, 8, 9]) {
    for (const [order, all] of [['desc', newestFirst], ['asc', made]] as const) {
      const pages = await walk({ limit, order })
      t.same(pages.flat(), all, `${limit} ${order}`)
      t.equal(pages.length, Math.ceil(made.length / limit))
    }
  }
})

t.test('a filter holds on every page', async t => {
  t.same(await walk({ limit: 2 }, undefined, { kind: 'even' }), [['x.y.z', 'tie-2'], ['c', 'a']])
})

t.test('the last page has no cursor, also where it is full or the list is empty', async t => {
  t.same(await page({ limit: 8 }), { ids: newestFirst, nextCursor: null })
  t.same(await page({ limit: 5 }, { kind: 'none' }), { ids: [], nextCursor: null })
})

t.test('rows that come, go or change meanwhile move nothing', async t => {
  let count = 0
  const addNewer = async () => await rows.insertOne({ _id: `new-${count++}`, createdAt: new Date(noon + 60_000 + count), kind: 'new' })
  t.same((await walk({ limit: 3 }, addNewer)).flat(), newestFirst, 'newer rows are not seen on later pages')
  await rows.deleteMany({ kind: 'new' })

  const { ids, nextCursor } = await page({ limit: 3 })
  await rows.deleteOne({ _id: ids[2] })
  t.same((await page({ limit: 3, cursor: String(nextCursor) })).ids, newestFirst.slice(3, 6), 'the row that a cursor was made of may be gone')
  await rows.insertOne({ _id: ids[2] ?? '', createdAt: timeOf(ids[2] ?? '', made.indexOf(ids[2] ?? '')), kind: 'odd' })
})

t.test('400 for a cursor that was changed, made up, or belongs to another list, filter or order', async t => {
  const cursor = String((await page({ limit: 3 })).nextCursor)
  const text = Buffer.from(cursor, 'base64url').toString()
  const recoded = (changed: string) => Buffer.from(changed).toString('base64url')
  const refusal = { kind: 'invalid', code: 'VALIDATION_FAILED', extras: { errors: [{ pointer: '/cursor', detail: 'is not a cursor of this list' }] } }
  for (const bad of [
    'x', 'null', '0', `${cursor}=`, `${cursor}A`, ` ${cursor}`, cursor.slice(1), cursor.slice(0, -2), cursor.toUpperCase(), Buffer.from(text).toString('base64') + '==', '\u00ff', '....',
    recoded(text.replace('tie', 'tip')), recoded(text.replace(/\.\d/, '.9')), recoded(`${text}x`), recoded('{"$gt":""}'), recoded('..'), recoded(''), recoded(text.split('.').slice(0, 2).join('.'))
  ]) await t.rejects(page({ limit: 3, cursor: bad }), refusal, bad)

  await t.rejects(page({ limit: 3, cursor }, {}, 'another list'), refusal)
  await t.rejects(page({ limit: 3, cursor, order: 'asc' }), refusal)
  t.same((await page({ limit: 3, cursor })).ids, newestFirst.slice(3, 6), 'the cursor itself is good')
})
