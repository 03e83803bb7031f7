import { Type, type Static, type TProperties, type TSchema } from 'typebox'
import { exampleOf, Int32, Nullable, Strict, titleOf } from './common.ts'
import { groupPattern } from './scalars.ts'

const pageParameters = {
  limit: Type.Optional(Int32('The maximum number of entries to return.', { minimum: 1, maximum: 100, default: 20 })),
  cursor: Type.Optional(Type.String({
    minLength: 1, maxLength: 512, description: 'The `nextCursor` of the previous page. Omit it for the first page.'
  })),
  order: Type.Optional(Type.Enum(['desc', 'asc'], {
    default: 'desc',
    description: 'The order by creation: `desc` starts with the newest entry, `asc` with the oldest.'
  }))
}

/** Returns the schema of the query of a list: the given filters and the parameters that every list has. */
export const PageQuery = <P extends TProperties>(filters: P) => Strict({ ...filters, ...pageParameters })
export type PageQuery = Static<ReturnType<typeof PageQuery<{}>>>

/** Returns the schema of the query of a list of events. With `group`, the default order is different. */
export const EventPageQuery = <P extends TProperties>(filters: P) => Strict({
  ...filters,
  group: Type.Optional(Type.String({
    pattern: groupPattern, description: 'Only events of this group, by `position` and then by creation.'
  })),
  ...pageParameters,
  order: Type.Optional(Type.Enum(['desc', 'asc'], {
    description: 'The order. With `group`, the default is `asc`; otherwise, it is `desc`, which starts with the newest.'
  }))
})

/** Returns the schema of one page of a list. Its title is the title of the entries plus `Page`. */
export const Page = <T extends TSchema>(entry: T) => Strict({
  data: Type.Array(entry, { description: 'The entries of this page.' }),
  nextCursor: Nullable(Type.String(), { description: 'The cursor of the next page, or `null` on the last page.' })
}, {
  title: `${titleOf(entry)}Page`,
  description: 'One page of a list.',
  examples: [{ data: [exampleOf(entry)], nextCursor: null }]
})
