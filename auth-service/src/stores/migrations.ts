import type { Migration } from '@laurel/shared/mongo'
import type { AnyBulkWriteOperation } from 'mongodb'
import { nameFields, type UserDocument } from './user-document.ts'

const batchSize = 500

/** The migrations of the database of auth-service, oldest first. The operations guide lists them. */
export const migrations: readonly Migration[] = [
  {
    id: '0001-search-names',
    what: 'Users are found by their names: each user gets the search form of the name.',
    whySafe: 'Versions before 0.3.0 neither read nor write this field.',
    async run (db, check) {
      const users = db.collection<UserDocument>('users')
      let changes: Array<AnyBulkWriteOperation<UserDocument>> = []
      const write = async (): Promise<void> => {
        check()
        if (changes.length > 0) await users.bulkWrite(changes, { ordered: false })
        changes = []
      }
      const projection = { name: 1, searchName: 1 }
      for await (const { _id, name, searchName } of users.find({}, { projection, batchSize })) {
        const { searchName: expected = null } = nameFields(name)
        if (searchName === expected) continue
        // The name was changed in the meantime, including its search form.
        changes.push({ updateOne: { filter: { _id, name }, update: { $set: { searchName: expected } } } })
        if (changes.length === batchSize) await write()
      }
      await write()
    }
  }
]
