import { timeLimit } from '@laurel/shared/mongo'
import type { Collection, Document } from 'mongodb'
import { isolate, type Failed } from '../batch.ts'
import type { Claim } from '../domain/claim.ts'
import type { RewardEvent } from '../domain/event.ts'
import {
  activitiesPipeline, toUserActivities, type ActivityGroup, type ActivityRead, type UserActivities
} from './activity-read.ts'
import { claimId, readClaim, type ClaimDocument, type ClaimKey } from './claim-documents.ts'
import { toEvent, type EventDocument } from './event-documents.ts'
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
  /** The prefetched claim. `null` if it does not exist or was not prefetched. */
  readonly claim: Claim | Failed | null
}

/** Reads events, the settings of the platform and the data to prefetch in one command, from the primary. */
export type ReadBatch = (eventIds: readonly string[], prefetch?: Prefetch) => Promise<BatchRead>

/** A document that the command returns: of the collection, or prefetched from another one. */
type Result =
  | EventDocument
  | SettingsDocument
  | { readonly activities: ActivityGroup }
  | { readonly claim: ClaimDocument }

export function createReadBatch (events: Collection<EventDocument>): ReadBatch {
  return async (ids, { activities, claim } = {}) => {
    const filter = { _id: { $in: [...ids, settingsId] } }
    const more = [
      ...(activities === undefined ? [] : [unionWith('activities', activitiesPipeline(activities))]),
      ...(claim === undefined ? [] : [unionWith('claim', [{ $match: { _id: claimId(claim) } }])])
    ]
    // A find is cheaper than an aggregation with the same result.
    const cursor = more.length === 0
      ? events.find<Result>(filter, timeLimit)
      : events.aggregate<Result>([{ $match: filter }, ...more], timeLimit)
    const results = await cursor.toArray()
    const stored = results.filter(result => '_id' in result)
    const found = results.find(result => 'claim' in result)
    return {
      events: new Map(stored.filter(isEvent).map(event => [event._id, isolate(() => toEvent(event))])),
      settings: toSettings(stored.find(isSettings)),
      activities: results.flatMap(result => 'activities' in result ? [toUserActivities(result.activities)] : []),
      claim: found === undefined ? null : isolate(() => readClaim(found.claim))
    }
  }
}

function isSettings (stored: EventDocument | SettingsDocument): stored is SettingsDocument {
  return stored._id === settingsId
}

function isEvent (stored: EventDocument | SettingsDocument): stored is EventDocument {
  return stored._id !== settingsId
}

/** Adds the results of a pipeline on another collection, each in a field for its kind. */
function unionWith (kind: 'activities' | 'claim', pipeline: readonly Document[]): Document {
  const coll = { activities: 'activities', claim: 'claims' }[kind]
  return { $unionWith: { coll, pipeline: [...pipeline, { $replaceWith: { [kind]: '$$ROOT' } }] } }
}
