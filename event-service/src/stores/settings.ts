import type { WebhookType } from '@laurel/shared/contracts'
import { timeLimit } from '@laurel/shared/mongo'
import type { ClientSession, Collection, Db } from 'mongodb'
import type { Pause } from '../domain/pause.ts'

/** The settings of the whole platform. Every batch of claim requests reads them together with its events. */
export interface Settings {
  /** Set while granting is paused. */
  readonly pause?: Pause
  /** The message types to which at least one webhook subscribes. */
  readonly wantedTypes: readonly WebhookType[]
}

export interface SettingsStore {
  read: (session?: ClientSession) => Promise<Settings>
  /** Replaces the pause, or ends it with `null`, in the caller's transaction. */
  setPause: (pause: Pause | null, session: ClientSession) => Promise<void>
  /** Replaces the wanted types. If two transactions do this concurrently, one of them is retried. */
  setWantedTypes: (types: readonly WebhookType[], session: ClientSession) => Promise<void>
}

/** The id of the document. No event can have it, because ids contain no dot. */
export const settingsId = '.settings'

export interface SettingsDocument extends Settings {
  _id: typeof settingsId
  /** How many times the wanted types have been replaced. */
  revision?: number
}

const byId = { _id: settingsId } as const

/** The settings are stored in the collection of the events, so that a batch reads both with one simple command. */
export function settingsIn (db: Db): Collection<SettingsDocument> {
  return db.collection<SettingsDocument>('events')
}

export function toSettings (found: Partial<SettingsDocument> | null | undefined): Settings {
  const { pause, wantedTypes = [] } = found ?? {}
  return { ...(pause === undefined ? {} : { pause }), wantedTypes }
}

export function createSettingsStore (db: Db): SettingsStore {
  const settings = settingsIn(db)
  return {
    async read (session) {
      return toSettings(await settings.findOne(byId, { ...timeLimit, ...(session === undefined ? {} : { session }) }))
    },
    async setPause (pause, session) {
      const change = pause === null ? { $unset: { pause: '' } as const } : { $set: { pause } }
      await settings.updateOne(byId, change, { upsert: true, session, ...timeLimit })
    },
    async setWantedTypes (types, session) {
      // The counter ensures that every call writes: for MongoDB, an update that changes nothing does not conflict.
      const change = { $set: { wantedTypes: [...types] }, $inc: { revision: 1 } }
      await settings.updateOne(byId, change, { upsert: true, session, ...timeLimit })
    }
  }
}
