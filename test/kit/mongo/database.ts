import { randomBytes } from 'node:crypto'
import { MongoClient, type UUID } from 'mongodb'
import type { Owner } from '../run/owner.ts'

/** Returns the URI of the test run's MongoDB; `npm test` starts one. */
export function mongoUri (): string {
  const uri = process.env['MONGODB_URI']
  if (uri === undefined) throw new Error('MONGODB_URI is not set: run the tests with `npm test`')
  return uri
}

/** Returns a new database, dropped when the test ends. */
export function ownDatabase (t: Owner, prefix = 'test'): { uri: string, name: string, client: MongoClient } {
  const name = `${prefix}_${randomBytes(6).toString('hex')}`
  const [servers, options = ''] = mongoUri().replace(/\/?(\?|$)/, '/$1').split(/\/(?=\?|$)/)
  const uri = `${servers}/${name}${options}`
  const client = new MongoClient(uri)
  t.teardown(async () => {
    await client.db(name).dropDatabase()
    await client.close()
  })
  return { uri, name, client }
}

/**
 * Aborts the transaction of a killed process. Otherwise, MongoDB keeps it for 10 seconds, in which no server can start
 * on the database.
 */
export async function abortTransaction (client: MongoClient, session: UUID): Promise<void> {
  await client.db('admin').command({ killSessions: [{ id: session }] })
}
