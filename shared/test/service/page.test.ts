import { findPage, type ListQuery } from '@laurel/shared/mongo'
import t from 'tap'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'

interface Row { _id: string, createdAt: Date, kind: string }

const { client, name } = ownDatabase(t, 'page')
const rows = client.db(name).collection<Row>('rows')
const noon = Date.UTC(2026, 10, 21, 12)

/** Ids in the order of creation. Three rows have the same creation time, so their ids determine the order. */
const created = ['a', 'b', 'c', 'tie-1', 'tie-2', 'tie-3', 'x.y.z', 'last']
const newestFirst = created.toReversed()

function createRow (id: string): Row {
  const index = created.indexOf(id)
  const createdAt = new Date(noon + (id.startsWith('tie') ? 10 : index * 4))
  return { _id: id, createdAt, kind: index % 2 === 0 ? 'even' : 'odd' }
}

t.before(async () => { await rows.insertMany(created.map(createRow)) })

async function page (query: ListQuery, filter: object = {}) {
  const { data, nextCursor } = await findPage(rows, filter, query)
  return { ids: data.map(({ _id }) => _id), nextCursor }
}

const nothing = async (): Promise<unknown> => undefined

/** Returns the ids of all pages. Runs `betweenPages` after each. */
async function readAll (query: ListQuery, betweenPages = nothing, filter: object = {}): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | null = null
  do {
    const { ids, nextCursor } = await page({ ...query, ...(cursor === null ? {} : { cursor }) }, filter)
    pages.push(ids)
    cursor = nextCursor
    await betweenPages()
  } while (cursor !== null)
  return pages
}

t.test('by default a page has 20 rows, newest first', async t => {
  t.same(await page({}), { ids: newestFirst, nextCursor: null })
  t.same(await page({ order: 'asc' }), { ids: created, nextCursor: null })
})

t.test('pages of any size contain every row once and in order, including rows of the same millisecond', async t => {
  for (const limit of [1, 2, 3, 4, 5, 7, 8, 9]) {
    for (const [order, all] of [['desc', newestFirst], ['asc', created]] as const) {
      const pages = await readAll({ limit, order })
      t.same(pages.flat(), all, `${limit} ${order}`)
      t.equal(pages.length, Math.ceil(created.length / limit))
    }
  }
})

t.test('the filter applies to every page', async t => {
  t.same(await readAll({ limit: 2 }, nothing, { kind: 'even' }), [['x.y.z', 'tie-2'], ['c', 'a']])
})

t.test('the last page has no cursor, even if it is full or the list is empty', async t => {
  t.same(await page({ limit: 8 }), { ids: newestFirst, nextCursor: null })
  t.same(await page({ limit: 5 }, { kind: 'none' }), { ids: [], nextCursor: null })
})

t.test('rows that are added or deleted between pages do not shift the pages', async t => {
  let count = 0
  const addNewer = async () => {
    count += 1
    await rows.insertOne({ _id: `new-${count}`, createdAt: new Date(noon + 60_000 + count), kind: 'new' })
  }
  t.same((await readAll({ limit: 3 }, addNewer)).flat(), newestFirst, 'newer rows do not appear on later pages')
  await rows.deleteMany({ kind: 'new' })

  const { ids, nextCursor } = await page({ limit: 3 })
  const last = String(ids[2])
  await rows.deleteOne({ _id: last })
  const next = await page({ limit: 3, cursor: String(nextCursor) })
  t.same(next.ids, newestFirst.slice(3, 6), 'the row of the cursor may be deleted')
  await rows.insertOne(createRow(last))
})

t.test('400 for a cursor that is not a position', async t => {
  const cursor = String((await page({ limit: 3 })).nextCursor)
  const text = Buffer.from(cursor, 'base64url').toString()
  const encode = (changed: string) => Buffer.from(changed).toString('base64url')
  const refusal = {
    kind: 'invalid',
    code: 'VALIDATION_FAILED',
    extras: { errors: [{ pointer: '/cursor', detail: 'is not a cursor of this list' }] }
  }
  for (const invalid of [
    'x', 'null', '0', `${cursor}=`, ` ${cursor}`, cursor.toUpperCase(), '\u00ff', '....',
    Buffer.from(text).toString('base64') + '==', encode(`x${text}`), encode(`1e3${text}`), encode(`99999${text}`),
    encode('{"$gt":""}'), encode('..'), encode(''), encode(text.replace(/\..*$/, '.')), encode(text.replace('.', '/'))
  ]) await t.rejects(page({ limit: 3, cursor: invalid }), refusal, invalid)
  t.same((await page({ limit: 3, cursor })).ids, newestFirst.slice(3, 6), 'the cursor itself is valid')
})
