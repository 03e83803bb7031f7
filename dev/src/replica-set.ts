import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, MongoServerError, type Document } from 'mongodb'

const POLL_MS = 10

/** What mongod says while it is still reading the set's configuration, or had it from an earlier call of ours. */
const NOT_YET = new Set(['NotYetInitialized', 'AlreadyInitialized', 'ConfigurationInProgress', 'NewReplicaSetConfigurationIncompatible', 'InterruptedDueToReplStateChange'])

/**
 * Makes the mongod on this port the PRIMARY of a set of one, also when its data were written under another port.
 * `journalled: false` lets majority writes answer before they are on the disk: for data that nobody keeps.
 */
export async function becomePrimary (set: string, port: number, { journalled, signal }: { journalled: boolean, signal: AbortSignal }): Promise<void> {
  const host = `127.0.0.1:${port}`
  await waitUntilOpen(port, signal)
  // `directConnection`: the driver must not look for the set that is only now being made.
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, { serverSelectionTimeoutMS: 10_000 })
  // Closing fails whatever waits for a mongod that has died by now.
  const close = (): void => { void client.close() }
  signal.addEventListener('abort', close)
  try {
    const admin = client.db('admin')
    while (!(await admin.command({ hello: 1 })).isWritablePrimary) {
      await configure(client, { set, host, journalled })
      await sleep(POLL_MS, undefined, { signal })
    }
  } finally {
    signal.removeEventListener('abort', close)
    await client.close()
  }
}

async function configure (client: MongoClient, { set, host, journalled }: { set: string, host: string, journalled: boolean }): Promise<void> {
  const stored = await client.db('local').collection<Document & { _id: string }>('system.replset').findOne()
  const admin = client.db('admin')
  try {
    if (stored === null) {
      const members = [{ _id: 0, host }]
      await admin.command({ replSetInitiate: { _id: set, members, writeConcernMajorityJournalDefault: journalled } })
    } else if (stored['members'][0].host !== host) {
      // The port is part of the configuration. Force is right: the only member is the one that is asked.
      const members = [{ ...stored['members'][0], host }]
      await admin.command({ replSetReconfig: { ...stored, members, version: stored['version'] + 1 }, force: true })
    }
  } catch (error) {
    if (!(error instanceof MongoServerError && NOT_YET.has(error.codeName ?? ''))) throw error
  }
}

/** The driver looks again only every half second; a bare connection tells at once. */
async function waitUntilOpen (port: number, signal: AbortSignal): Promise<void> {
  while (!await accepts(port)) await sleep(POLL_MS, undefined, { signal })
}

function accepts (port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('error', () => { resolve(false) })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
