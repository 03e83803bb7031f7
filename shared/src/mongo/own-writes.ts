import type { ClientSession, ClientSessionOptions, Db, MongoClient, Timestamp } from 'mongodb'

/**
 * Ensures that every read of a client sees all writes that were acknowledged to this process before, even on a new
 * primary. Majority reads alone do not guarantee this: after a failover, a read may return the state before an
 * acknowledged write, until the new primary knows the majority commit point. So from the first failover on, each read
 * contains the last operation time that a session of this client has seen (`afterClusterTime`), and the server waits
 * until it has reached this time. Before, the primary that acknowledged the writes knows the commit point; the time
 * would only make it flush its journal before the next write, which then has to wait.
 *
 * Sessions with `causalConsistency: false` are excluded; see `withoutCausality`.
 */
export function readOwnWrites (client: MongoClient): void {
  const startSession = client.startSession.bind(client)
  const live = new Set<ClientSession>()
  let acknowledged: Timestamp | undefined
  let primary: string | undefined
  let isTimeNeeded = false

  function advance (session: ClientSession): void {
    if (isTimeNeeded && acknowledged !== undefined) session.advanceOperationTime(acknowledged)
  }

  // The driver writes the time into an object that all commands of the client share. A later command must never contain
  // an earlier time, so existing sessions are updated, too.
  function acknowledge (time: Timestamp | undefined): void {
    if (time === undefined || acknowledged?.greaterThanOrEqual(time) === true) return
    acknowledged = time
    for (const session of live) advance(session)
  }

  client.on('topologyDescriptionChanged', ({ newDescription: { servers } }) => {
    for (const { type, address, electionId } of servers.values()) {
      const elected = `${address} ${String(electionId)}`
      // A mongos does not show which servers are the primaries of the shards.
      isTimeNeeded ||= type === 'Mongos' || (type === 'RSPrimary' && primary !== undefined && primary !== elected)
      if (type === 'RSPrimary') primary = elected
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
      acknowledge(session.operationTime)
    })
    return session
  }
}

/**
 * Runs a write that does not wait for a majority. Later reads of this process do not have to see it; otherwise, they
 * would wait until a majority has acknowledged it.
 */
export async function withoutCausality<T> (db: Db, write: (session: ClientSession) => Promise<T>): Promise<T> {
  return await db.client.withSession({ causalConsistency: false }, write)
}
