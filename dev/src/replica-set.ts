import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, MongoServerError, type Document } from 'mongodb'

/** Transactions and change streams need a replica set; one member is enough. */
export const replicaSetName = 'laurel'

/** The time between two checks whether mongod is primary, in milliseconds. */
const pollInterval = 10

/** Errors of a mongod that is still loading the configuration, or already has it from an earlier call. */
const retryable = new Set([
  'NotYetInitialized', 'AlreadyInitialized', 'ConfigurationInProgress', 'NewReplicaSetConfigurationIncompatible',
  'InterruptedDueToReplStateChange'
])

/**
 * Makes the mongod on this port the primary of a single-node replica set, even if its data was written on another port.
 */
export async function becomePrimary (port: number, signal: AbortSignal): Promise<void> {
  const host = `127.0.0.1:${port}`
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, { serverSelectionTimeoutMS: 10_000 })
  const close = (): void => { void client.close() }
  signal.addEventListener('abort', close)
  try {
    while (!(await client.db('admin').command({ hello: 1 }))['isWritablePrimary']) {
      await configure(client, host)
      await sleep(pollInterval, undefined, { signal })
    }
  } finally {
    signal.removeEventListener('abort', close)
    await client.close()
  }
}

async function configure (client: MongoClient, host: string): Promise<void> {
  const stored = await client.db('local').collection<Document & { _id: string }>('system.replset').findOne()
  const admin = client.db('admin')
  try {
    if (stored === null) {
      await admin.command({ replSetInitiate: { _id: replicaSetName, members: [{ _id: 0, host }] } })
    } else if (stored['members'][0].host !== host) {
      // The configuration contains the port. `force` is safe: this is the only member.
      const config = { ...stored, members: [{ ...stored['members'][0], host }], version: stored['version'] + 1 }
      await admin.command({ replSetReconfig: config, force: true })
    }
  } catch (error) {
    if (!(error instanceof MongoServerError && retryable.has(error.codeName ?? ''))) throw error
  }
}
