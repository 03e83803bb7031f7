import type { Collection, Filter, WithId } from 'mongodb'
import { readCursor, writeCursor, type Position } from './cursor.ts'
import { isDate } from './documents.ts'
import { findDocuments, type Listed, type ListQuery, type PageOf } from './page.ts'

/** A source of the entries of a list. Each document that matches has at least one entry, unless it cannot be read. */
export interface EntrySource<D extends Listed, E> {
  readonly filter: Filter<D>
  /** The field with the date of the entries. */
  readonly by: string
  /** Returns the entries of a document, fewer than 1,000. Their number and order must never change. */
  readonly entriesOf: (document: WithId<D>) => readonly E[]
}

/** The position of an entry: its date, then its document, then its index in the document. */
interface EntryPosition extends Position {
  readonly index: number
}

/** A document can contain entries of several sources. Entries of an earlier source come first. */
const entriesPerSource = 1000

interface Start {
  readonly after: EntryPosition | undefined
  readonly order: 'asc' | 'desc'
  readonly limit: number
}

/** Some entries of a source. The source may have more after `end`. */
interface Entries<E> {
  readonly entries: ReadonlyArray<EntryPosition & { readonly entry: E }>
  readonly end: EntryPosition | undefined
}

/**
 * Returns one page of the entries of documents, ordered by date. A page starts after the last entry of the previous
 * page, so new entries do not shift it. Needs an index per source that starts with the fields of its filter and ends
 * with its date and `_id`. Throws `VALIDATION_FAILED` if the cursor is malformed.
 */
export async function findEntryPage<D extends Listed, E> (
  collection: Collection<D>, sources: ReadonlyArray<EntrySource<D, E>>, query: ListQuery
): Promise<PageOf<E>> {
  const { limit = 20, cursor, order = 'desc' } = query
  const after = cursor === undefined ? undefined : readEntryPosition(cursor)
  const inOrder = (a: EntryPosition, b: EntryPosition): number => order === 'desc' ? compare(b, a) : compare(a, b)

  const found = await Promise.all(sources.map(async (source, index) =>
    await readSource(collection, source, index, { after, order, limit })))
  const [end] = found.flatMap(({ end }) => end ?? []).sort(inOrder)
  const entries = found
    .flatMap(({ entries }) => entries)
    .filter(entry => after === undefined || inOrder(entry, after) > 0)
    .filter(entry => end === undefined || inOrder(entry, end) <= 0)
    .sort(inOrder)
  // If documents without entries filled the page, the next page starts after the last document.
  const last = entries.length > limit ? entries[limit - 1] : end
  return {
    data: entries.slice(0, limit).map(({ entry }) => entry),
    nextCursor: last === undefined ? null : writeCursor({ at: last.at, id: `${last.id}#${last.index}` })
  }
}

/** Reads enough entries of a source for one page. The first ones may be before the start of the page. */
async function readSource<D extends Listed, E> (
  collection: Collection<D>, { filter, by, entriesOf }: EntrySource<D, E>, source: number,
  { after, order, limit }: Start
): Promise<Entries<E>> {
  const documents = await findDocuments(collection, filter, { by, order, after, inclusive: true }, limit + 2)
  const entries = documents.flatMap(document => entriesOf(document).map((entry, index) => {
    return { entry, at: document[by], id: document._id, index: source * entriesPerSource + index }
  }))
  const last = documents.length < limit + 2 ? undefined : documents.findLast(document => isDate(document[by]))
  if (last === undefined) return { entries, end: undefined }
  return { entries, end: { at: last[by], id: last._id, index: order === 'desc' ? 0 : Number.MAX_SAFE_INTEGER } }
}

function readEntryPosition (cursor: string): EntryPosition {
  const { at, id } = readCursor(cursor)
  const separator = id.lastIndexOf('#')
  return { at, id: id.slice(0, separator), index: Number(id.slice(separator + 1)) }
}

function compare (a: EntryPosition, b: EntryPosition): number {
  const time = a.at.getTime() - b.at.getTime()
  if (time !== 0) return time
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return a.index - b.index
}
