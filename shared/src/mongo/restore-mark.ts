import type { Db } from 'mongodb'
import { StartupError } from '../errors.ts'
import { locksCollection } from './lock.ts'

const mark = { _id: 'restore' }

function marksOf (db: Db) {
  return db.collection<{ _id: string, since?: Date }>(locksCollection)
}

/** Marks a database whose restore is not finished. */
export async function beginRestore (db: Db): Promise<void> {
  await marksOf(db).updateOne(mark, { $set: { since: new Date() } }, { upsert: true })
}

export async function endRestore (db: Db): Promise<void> {
  await marksOf(db).deleteOne(mark)
}

/** Throws `StartupError` if a restore of this database is not finished. */
export async function rejectIncompleteRestore (db: Db): Promise<void> {
  const found = await marksOf(db).findOne(mark)
  if (found === null) return
  const sentence = 'a restore is running or was interrupted; if none is running, restore again with --replace'
  throw new StartupError(`MongoDB: ${db.databaseName} is not complete: ${sentence}`)
}
