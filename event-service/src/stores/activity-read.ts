import type { Document } from 'mongodb'
import type { CountableActivity } from '../domain/tally.ts'

/** Which activities are read: of these types, with `occurredAt` in `[from, to)`. */
export interface Window {
  readonly types: readonly string[]
  readonly from: Date
  readonly to: Date
  /** Whether more than the type and the instant of each activity is needed. */
  readonly withData: boolean
}

/** A read of the activities of users in a window. */
export interface ActivityRead {
  readonly userIds: readonly string[]
  readonly window: Window
  /** The maximum number of activities to return, in the order of the users. */
  readonly limit: number
}

/** Activities of one user and type. */
export interface UserActivities {
  readonly userId: string
  readonly activities: readonly CountableActivity[]
}

export interface ActivityGroup {
  readonly _id: { readonly userId: string, readonly type: string }
  readonly all: ReadonlyArray<Date | Omit<CountableActivity, 'type'>>
}

/** Returns the pipeline on `activities` that makes one `ActivityGroup` for each user and type. */
export function activitiesPipeline ({ userIds, window, limit }: ActivityRead): Document[] {
  const { types, from, to, withData } = window
  // The driver needs some microseconds per document, but almost no time per date in an array.
  const each = withData ? { occurredAt: '$occurredAt', value: '$value', data: '$data' } : '$occurredAt'
  return [
    { $match: { userId: { $in: userIds }, type: { $in: types }, occurredAt: { $gte: from, $lt: to } } },
    { $sort: { userId: 1, type: 1 } },
    { $limit: limit },
    { $group: { _id: { userId: '$userId', type: '$type' }, all: { $push: each } } }
  ]
}

export function toUserActivities ({ _id: { userId, type }, all }: ActivityGroup): UserActivities {
  return {
    userId, activities: all.map(one => one instanceof Date ? { type, occurredAt: one } : { type, ...one })
  }
}
