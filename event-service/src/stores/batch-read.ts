import { timeLimit } from '@laurel/shared/mongo'
import type { Collection, Document } from 'mongodb'
import { isolate, type Failed } from '../batch.ts'
import type { Claim } from '../domain/claim.ts'
import type { RewardEvent } from '../domain/event.ts'
import {
  activitiesPipeline, toUserActivities, type ActivityGroup, type ActivityRead, type UserActivities
} from './activity-read.ts'
import { claimId, readClaim, type ClaimDocument, type ClaimKey } from './claim-rows.ts'
import { toEvent, type EventDocument } from './event-rows.ts'
import { settingsId, toSettings, type Settings, type SettingsDocument } from './settings.ts'

/** The data to read together with the events, because it will probably be needed. */
export interface Prefetch {
  readonly activities?: ActivityRead | undefined
  readonly claim?: ClaimKey | undefined
}

/** The data that the decisions of a batch need. */
export interface BatchRead {
  /** The events that exist. An event that cannot be read is `Failed`. */
  readonly events: ReadonlyMap<string, RewardEvent | Failed>
  readonly settings: Settings
  /** The prefetched activities. */
  readonly activities: readonly UserActivities[]
  /** The prefetched claim, or `null` if it does not exist. */
  readonly claim: Claim | Failed | null
}

/** Reads events, the settings of the platform and the data to prefetch in one command, from the primary. */
export type ReadBatch = (eventIds: readonly string[], prefetch?: Prefetch) => Promise<BatchRead>

type Row = EventDocument | SettingsDocument | { readonly activities: ActivityGroup } | { readonly claim: ClaimDocument }

export function createReadBatch (events: Collection<EventDocument>): ReadBatch {
  return async (ids, { activities, claim } = {}) => {
    const filter = { _id: { $in: [...ids, settingsId] } }
    const more = [
      ...(activities === undefined ? [] : [unionWith('activities', activitiesPipeline(activities))]),
      ...(claim === undefined ? [] : [unionWith('claim', [{ $match: { _id: claimId(claim) } }])])
    ]
    // A find is cheaper than an aggregation with the same result.
    const cursor = more.length === 0
      ? events.find<Row>(filter, timeLimit)
      : events.aggregate<Row>([{ $match: filter }, ...more], timeLimit)
    const rows = await cursor.toArray()
    const stored = rows.filter(row => '_id' in row)
    const found = rows.find(row => 'claim' in row)
    return {
      events: new Map(stored.filter(isEvent).map(row => [row._id, isolate(() => toEvent(row))])),
      settings: toSettings(stored.find(isSettings)),
      activities: rows.flatMap(row => 'activities' in row ? [toUserActivities(row.activities)] : []),
      claim: found === undefined ? null : isolate(() => readClaim(found.claim))
    }
  }
}

function isSettings (row: EventDocument | SettingsDocument): row is SettingsDocument {
  return row._id === settingsId
}

function isEvent (row: EventDocument | SettingsDocument): row is EventDocument {
  return row._id !== settingsId
}

/** Adds the results of a pipeline on another collection, each in a field for its kind. */
function unionWith (kind: 'activities' | 'claim', pipeline: readonly Document[]): Document {
  const coll = { activities: 'activities', claim: 'claims' }[kind]
  return { $unionWith: { coll, pipeline: [...pipeline, { $replaceWith: { [kind]: '$$ROOT' } }] } }
}
