import { connectMongo } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import type { Owner } from '../../../test/kit/run/owner.ts'
import { collections } from '../../src/stores/index.ts'

/** Returns a new database with the collections and indexes of event-service, for a test that needs no server. */
export async function eventDatabase (t: Owner): Promise<Db> {
  const { db, close } = await connectMongo(ownDatabase(t, 'event').uri, 'laurel', 'test', collections)
  t.teardown(close)
  return db
}
