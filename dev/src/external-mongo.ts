import { MongoClient } from 'mongodb'
import { StartFailure, messageOf } from './failure.ts'

const WITHIN_MS = 5000

/**
 * Asks a database that somebody else runs for a sign of life, so that a wrong address is told once, and not by every server.
 * @throws {StartFailure} naming the variable; never with its value, which may hold a password
 */
export async function reachMongo (variable: string, uri: string, signal: AbortSignal): Promise<void> {
  let client: MongoClient | undefined
  const breakOff = (): void => { void client?.close() }
  signal.addEventListener('abort', breakOff)
  try {
    client = new MongoClient(uri, { serverSelectionTimeoutMS: WITHIN_MS, connectTimeoutMS: WITHIN_MS, socketTimeoutMS: WITHIN_MS })
    await client.db('admin').command({ ping: 1 })
  } catch (error) {
    throw new StartFailure(`The MongoDB of ${variable} cannot be used: ${messageOf(error).replace(/\s+/g, ' ')}`)
  } finally {
    signal.removeEventListener('abort', breakOff)
    await client?.close().catch(() => {})
  }
}
