import type { Migration } from '@laurel/shared/mongo'
import { settingsId, settingsIn, type SettingsDocument } from './settings.ts'

/** The migrations of the database of event-service, oldest first. Absent fields have defaults and need none. */
export const migrations: readonly Migration[] = [
  {
    id: '0001-settings-with-events',
    what: 'The settings of the platform move from their own collection to the collection of the events.',
    whySafe: 'No released version has the collection of the settings.',
    async run (db) {
      const before = await db.collection<Omit<SettingsDocument, '_id'>>('settings').findOne()
      if (before === null) return
      const { _id, ...settings } = before
      await settingsIn(db).updateOne({ _id: settingsId }, { $setOnInsert: settings }, { upsert: true })
    }
  }
]
