import type { ClientSession, ClientSessionOptions, MongoClient, Timestamp } from 'mongodb'

/**
 * Lets every read of a client see everything that this process was acknowledged before, also on a new primary.
 * A majority read is not causal by itself: after a failover it may show the state before an acknowledged write, until
 * the new primary learns what the majority has. So each read names the last operation time that a session of this
 * client has seen (`afterClusterTime`), and the server waits until it can answer from there.
 * A session with `causalConsistency: false` takes no part. Writes that do not wait for the majority use one: reads that
 * followed them would wait for the majority instead.
 */
export function readOwnWrites (client: MongoClient): void {
  const startSession = client.startSession.bind(client)
  const live = new Set<ClientSession>()
  let acknowledged: Timestamp | undefined

  // The driver writes the time into an object that all commands of the client share, so a later command must never name
  // an earlier time: sessions that have begun learn it, too.
  function acknowledge (time: Timestamp | undefined): void {
    if (time === undefined || acknowledged?.greaterThanOrEqual(time) === true) return
    acknowledged = time
    for (const session of live) session.advanceOperationTime(time)
  }

  // The driver starts its implicit sessions here, too.
  client.startSession = (options: ClientSessionOptions = {}) => {
    if (options.causalConsistency === false) return startSession(options)
    const session = startSession({ ...options, causalConsistency: true })
    if (acknowledged !== undefined) session.advanceOperationTime(acknowledged)
    live.add(session)
    session.once('ended', () => {
      live.delete(session)
      acknowledge(session.operationTime)
    })
    return session
  }
}
