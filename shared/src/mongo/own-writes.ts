import type { ClientSession, ClientSessionOptions, ClusterTime, Db, Timestamp } from 'mongodb'
import { locksCollection } from './lock.ts'

/** A document that every process changes after an election. */
interface ElectionMark {
  _id: string
  writes: number
}

/**
 * Ensures that every read of a client sees all writes that were acknowledged to this process before, even on a new
 * primary. Majority reads alone do not guarantee this: after an election, a read may return the state before an
 * acknowledged write, until the new primary knows the majority commit point. It knows it when it has acknowledged a
 * write. So this process makes a write after each election, and until it is acknowledged, each operation contains the
 * last operation time that a session of this client has seen (`afterClusterTime`), and the server waits until it has
 * reached this time. At other times, this would only make the server flush its journal before the next write, which
 * then has to wait. Behind a mongos, elections are not visible, so each operation contains the time.
 *
 * The new primary may not know this time, if the end of the journal was lost. It would refuse it as a time in the
 * future, or wait for it until the next write. So the operations and the write also contain the cluster time that the
 * client received with it, which advances the clock of the primary. The driver alone only sends the cluster time that
 * it received on the same connection.
 *
 * Sessions with `causalConsistency: false` are excluded; see `withoutCausality`.
 */
export function readOwnWrites (db: Db): void {
  const { client } = db
  const startSession = client.startSession.bind(client)
  const live = new Set<ClientSession>()
  let acknowledged: { readonly operationTime: Timestamp, readonly clusterTime: ClusterTime } | undefined
  let primary: string | undefined
  let isTimeNeeded = false

  function advance (session: ClientSession): void {
    if (!isTimeNeeded || acknowledged === undefined) return
    session.advanceOperationTime(acknowledged.operationTime)
    session.advanceClusterTime(acknowledged.clusterTime)
  }

  // The driver writes the time into an object that all commands of the client share. A later command must never contain
  // an earlier time, so existing sessions are updated, too.
  function acknowledge ({ operationTime, clusterTime }: ClientSession): void {
    if (operationTime === undefined || clusterTime === undefined) return
    if (acknowledged?.operationTime.greaterThanOrEqual(operationTime) === true) return
    acknowledged = { operationTime, clusterTime }
    for (const session of live) advance(session)
  }

  async function writeAfterElection (elected: string): Promise<void> {
    await withoutCausality(db, async session => {
      if (acknowledged !== undefined) session.advanceClusterTime(acknowledged.clusterTime)
      await db.collection<ElectionMark>(locksCollection)
        .updateOne({ _id: 'election' }, { $inc: { writes: 1 } }, { upsert: true, session })
    })
    if (primary === elected) isTimeNeeded = false
  }

  client.on('topologyDescriptionChanged', ({ newDescription: { servers } }) => {
    for (const { type, address, electionId } of servers.values()) {
      if (type === 'Mongos') isTimeNeeded = true
      if (type !== 'RSPrimary') continue
      const elected = `${address} ${String(electionId)}`
      const isNew = primary !== undefined && primary !== elected
      primary = elected
      if (!isNew) continue
      isTimeNeeded = true
      // If it fails, the operations continue to contain the time.
      writeAfterElection(elected).catch(() => undefined)
    }
    // The driver has not yet sent the reads that wait for a primary.
    for (const session of live) advance(session)
  })

  // The driver also calls this method for its implicit sessions.
  client.startSession = (options: ClientSessionOptions = {}) => {
    if (options.causalConsistency === false) return startSession(options)
    const session = startSession({ ...options, causalConsistency: true })
    advance(session)
    live.add(session)
    session.once('ended', () => {
      live.delete(session)
      acknowledge(session)
    })
    return session
  }
}

/**
 * Runs a write that waits for no earlier write, and that later reads of this process do not have to see. Otherwise,
 * they would wait until a majority has acknowledged it, even if this process does not wait for that.
 */
export async function withoutCausality<T> (db: Db, write: (session: ClientSession) => Promise<T>): Promise<T> {
  return await db.client.withSession({ causalConsistency: false }, write)
}
