import { backUp } from '@laurel/shared/backup'
import { BSON, Timestamp, type Document, type MongoClient } from 'mongodb'
import type { Test } from 'tap'
import { buildApp } from '../../../event-service/src/app.ts'
import { readConfig } from '../../../event-service/src/config.ts'
import { createAcknowledged, type Acknowledged } from '../../chaos/acknowledged.ts'

type Manifest = Awaited<ReturnType<typeof backUp>>

/** Starts two event-services on one database. Returns their URLs and a function that stops them. */
export async function startServers (t: Test, uri: string, authUrl: string) {
  const env = { AUTH_URL: authUrl, EVENT_MONGODB_URI: uri, LOG_LEVEL: 'silent' }
  const apps = await Promise.all([1, 2].map(async () => await buildApp(readConfig(env))))
  const stop = async (): Promise<void> => { await Promise.all(apps.map(async app => { await app.close() })) }
  t.teardown(stop)
  const urls = await Promise.all(apps.map(async app => await app.listen({ host: '127.0.0.1', port: 0 })))
  return { urls, stop }
}

/** Returns the acknowledgments so far, without later ones. Later requests are still added to it. */
export function promisedSoFar (acknowledged: Acknowledged): Acknowledged {
  const { claims, conflicting, reviews, activities, accepted, codes, stocks } = acknowledged
  return {
    ...createAcknowledged(),
    claims: [...claims],
    conflicting: [...conflicting],
    reviews: [...reviews],
    activities: new Set(activities),
    accepted,
    codes: new Map([...codes].map(([reward, own]) => [reward, new Set(own)])),
    stocks: new Map(stocks),
    sentActivities: acknowledged.sentActivities,
    sentCodes: acknowledged.sentCodes
  }
}

/** Returns the documents of a database at the instant of its backup, by collection, in the order of their ids. */
export async function stateAt (
  client: MongoClient, name: string, { collections, clusterTime }: Manifest['databases'][number]
): Promise<Record<string, string[]>> {
  const { seconds: t, counter: i } = clusterTime
  const readConcern = { level: 'snapshot', atClusterTime: new Timestamp({ t, i }) }
  return await stateOf(collections.map(({ collection }) => collection), async collection =>
    await client.withSession({ causalConsistency: false }, async session =>
      await client.db(name).runCursorCommand({ find: collection, readConcern }, { session }).toArray()))
}

/** Returns the documents that a database holds now, as `stateAt` does. */
export async function stateNow (client: MongoClient, name: string): Promise<Record<string, string[]>> {
  const all = await client.db(name).listCollections().toArray()
  const names = all.map(({ name }) => name).filter(name => name !== 'locks')
  return await stateOf(names, async collection => await client.db(name).collection(collection).find().toArray())
}

async function stateOf (
  names: readonly string[], read: (name: string) => Promise<Document[]>
): Promise<Record<string, string[]>> {
  const texts = async (name: string): Promise<string[]> =>
    (await read(name)).map(document => BSON.EJSON.stringify(document, { relaxed: false })).sort()
  const entries = await Promise.all([...names].sort().map(async name => [name, await texts(name)] as const))
  return Object.fromEntries(entries)
}
