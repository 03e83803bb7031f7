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

/** The data that is expected to be needed together with the events. */
export interface Expected {
  readonly activities?: ActivityRead | undefined
  readonly claim?: ClaimKey | undefined
}

/** The data that the decisions of a batch need. */
export interface BatchRead {
  /** The events that exist. An event that cannot be read is `Failed`. */
  readonly events: ReadonlyMap<string, RewardEvent | Failed>
  readonly settings: Settings
  /** The expected activities. */
  readonly activities: readonly UserActivities[]
  /** The expected claim, or `null` if it does not exist. */
  readonly claim: Claim | Failed | null
}

/** Reads events, the settings of the platform and the expected data in one command, from the primary. */
export type ReadBatch = (eventIds: readonly string[], expected?: Expected) => Promise<BatchRead>

/** A row, in the field for its kind. */
interface Row {
  readonly event?: EventDocument
  readonly settings?: SettingsDocument
  readonly activities?: ActivityGroup
  readonly claim?: ClaimDocument
}

export function createReadBatch (events: Collection<EventDocument>): ReadBatch {
  return async (ids, { activities, claim } = {}) => {
    const rows = await events.aggregate<Row>([
      { $match: { _id: { $in: [...ids] } } },
      as('event'),
      together('settings', [{ $match: { _id: settingsId } }, as('settings')]),
      ...(activities === undefined
        ? []
        : [together('activities', [...activitiesPipeline(activities), as('activities')])]),
      ...(claim === undefined ? [] : [together('claims', [{ $match: { _id: claimId(claim) } }, as('claim')])])
    ], timeLimit).toArray()
    const [found] = rows.flatMap(({ claim }) => claim ?? [])
    return {
      events: new Map(rows.flatMap(({ event }) => event ?? []).map(row => [row._id, isolate(() => toEvent(row))])),
      settings: toSettings(rows.find(({ settings }) => settings !== undefined)?.settings),
      activities: rows.flatMap(({ activities }) => activities ?? []).map(toUserActivities),
      claim: found === undefined ? null : isolate(() => readClaim(found))
    }
  }
}

function as (kind: keyof Row): Document {
  return { $replaceWith: { [kind]: '$$ROOT' } }
}

function together (coll: string, pipeline: readonly Document[]): Document {
  return { $unionWith: { coll, pipeline } }
}
