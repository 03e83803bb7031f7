import { StartupError } from '@laurel/shared/errors'
import { MongoClient } from 'mongodb'

/** How long MongoDB may take to respond, in milliseconds. */
const timeout = 5000

/**
 * Checks a MongoDB that the launcher does not run. With a wrong address, the start fails immediately; the servers would
 * wait. Throws a `StartupError` that names the variable, never its value, which may contain a password.
 */
export async function checkMongo (variable: string, uri: string, signal: AbortSignal): Promise<void> {
  let client: MongoClient | undefined
  const abort = (): void => { void client?.close() }
  signal.addEventListener('abort', abort)
  try {
    client = new MongoClient(uri, { serverSelectionTimeoutMS: timeout, connectTimeoutMS: timeout })
    await client.db('admin').command({ ping: 1 })
  } catch (error) {
    signal.throwIfAborted()
    const reason = (error as Error).message.replace(/\s+/g, ' ')
    throw new StartupError(`The MongoDB of ${variable} cannot be reached: ${reason}`)
  } finally {
    signal.removeEventListener('abort', abort)
    await client?.close()
  }
}
