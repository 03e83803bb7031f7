import { timeLimit } from '@laurel/shared/mongo'
import type { Collection } from 'mongodb'
import { isolate, type Failed } from '../batch.ts'
import type { RewardEvent } from '../domain/event.ts'
import { toEvent, type EventDocument } from './event-rows.ts'
import { settingsId, toSettings, type Settings, type SettingsDocument } from './settings.ts'

/** The data that the decisions of a batch need in addition to the evidence. */
export interface BatchRead {
  /** The events that exist. An event that cannot be read is `Failed`. */
  readonly events: ReadonlyMap<string, RewardEvent | Failed>
  readonly settings: Settings
}

/** Reads events and the settings of the platform in one command, from the primary. */
export type ReadBatch = (eventIds: readonly string[]) => Promise<BatchRead>

const withSettings = { $unionWith: { coll: 'settings', pipeline: [{ $match: { _id: settingsId } }] } }

export function createReadBatch (events: Collection<EventDocument>): ReadBatch {
  return async ids => {
    const rows = await events.aggregate<EventDocument | SettingsDocument>([
      { $match: { _id: { $in: [...ids] } } }, withSettings
    ], timeLimit).toArray()
    return {
      events: new Map(rows.filter(isEvent).map(row => [row._id, isolate(() => toEvent(row))])),
      settings: toSettings(rows.find(isSettings))
    }
  }
}

function isSettings (row: EventDocument | SettingsDocument): row is SettingsDocument {
  return row._id === settingsId
}

function isEvent (row: EventDocument | SettingsDocument): row is EventDocument {
  return !isSettings(row)
}
