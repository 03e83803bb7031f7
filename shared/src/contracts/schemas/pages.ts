import { Type, type Static, type TProperties, type TSchema } from 'typebox'
import { exampleOf, Nullable, Strict } from './common.ts'

const pageParameters = {
  limit: Type.Optional(Type.Integer({
    minimum: 1, maximum: 100, default: 20, description: 'The maximum number of entries to return.'
  })),
  cursor: Type.Optional(Type.String({
    minLength: 1, maxLength: 512, description: 'The `nextCursor` of the previous page. Omit it for the first page.'
  })),
  order: Type.Optional(Type.Enum(['desc', 'asc'], {
    default: 'desc', description: 'The order by creation: `desc` starts with the newest entry, `asc` with the oldest.'
  }))
}

/** Returns the schema of a list's query: its own filters and the parameters of every list. */
export const PageQuery = <P extends TProperties>(filters: P) => Strict({ ...filters, ...pageParameters })
export type PageQuery = Static<ReturnType<typeof PageQuery<{}>>>

/** Returns the schema of one page of a list. */
export const Page = <T extends TSchema>(entry: T) => Strict({
  data: Type.Array(entry, { description: 'The entries of this page.' }),
  nextCursor: Nullable(Type.String(), { description: 'The cursor of the next page, or `null` on the last page.' })
}, { examples: [{ data: [exampleOf(entry)], nextCursor: null }] })
