import type { WebhookType } from '@laurel/shared/contracts'
import { bounded } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'

/** What holds for the whole platform, read with every batch of claims. */
export interface Settings {
  /** Why nothing is granted at the moment; absent while granting goes on. */
  readonly pause?: Pause
  /** The types of messages that a webhook asks for. */
  readonly wantedTypes: readonly WebhookType[]
}

export interface Pause {
  readonly reason: string
  readonly by: string
  readonly at: Date
}

export interface SettingsStore {
  read: (session?: ClientSession) => Promise<Settings>
  /** Replaces the pause; `null` ends it. Runs in the caller's transaction. */
  setPause: (pause: Pause | null, session: ClientSession) => Promise<void>
  /** Replaces the wanted types. Of two transactions that do so at once, one starts again. */
  setWantedTypes: (types: readonly WebhookType[], session: ClientSession) => Promise<void>
}

/** The one document of the collection. */
export interface SettingsDocument extends Settings {
  _id: 'platform'
}

const byId = { _id: 'platform' } as const

export function toSettings (found: Partial<SettingsDocument> | null | undefined): Settings {
  const { pause, wantedTypes = [] } = found ?? {}
  return { ...(pause === undefined ? {} : { pause }), wantedTypes }
}

export function createSettingsStore (db: Db): SettingsStore {
  const settings = db.collection<SettingsDocument>('settings')
  return {
    async read (session) {
      return toSettings(await settings.findOne(byId, { ...bounded, ...(session === undefined ? {} : { session }) }))
    },
    async setPause (pause, session) {
      const change = pause === null ? { $unset: { pause: '' } as const } : { $set: { pause } }
      await settings.updateOne(byId, change, { upsert: true, session, ...bounded })
    },
    async setWantedTypes (types, session) {
      await settings.updateOne(byId, { $set: { wantedTypes: [...types] } }, { upsert: true, session, ...bounded })
    }
  }
}
