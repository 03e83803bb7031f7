import type { CallerRole } from '@laurel/shared/contracts'
import { newId } from '@laurel/shared/id'
import { internalAudience, internalTokenType } from '@laurel/shared/tokens'
import type { Db, Document } from 'mongodb'
import { buildApp, type AppOptions } from '../../../event-service/src/app.ts'
import { readConfig } from '../../../event-service/src/config.ts'
import { createCall, type Answer, type Call } from '../http/client.ts'
import { onlyDocumented } from '../http/documented.ts'
import { ownDatabase } from '../mongo/database.ts'
import type { Owner } from '../run/owner.ts'
import { createIssuer } from '../tokens/issuer.ts'
import { startStandIn } from '../stand-ins/services.ts'

const issuer = createIssuer()
const inTenMinutes = (): number => Math.floor(Date.now() / 1000) + 600

/** Returns a new user id in the format of auth-service. */
export function newUserId (): string {
  return newId()
}

/** Returns an access token with this role, by default of a new user. */
export function as (role: CallerRole, sub = newUserId()): string {
  return issuer.token({ sub, role, exp: inTenMinutes() })
}

/** Returns a token like the one that auth-service sends to event-service. */
export function serviceToken (changed: object = {}, changedHeader: object = {}): string {
  const claims = { sub: 'auth-service', aud: internalAudience, role: undefined, sid: undefined, ...changed }
  return issuer.token(claims, { typ: internalTokenType, ...changedHeader })
}

/** A stored document. */
export interface Row extends Document { _id: string }

export interface EventService {
  /** The URL of the first server. */
  readonly url: string
  /** Calls the first server. */
  readonly call: Call
  /** Returns calls to each server in turn. */
  readonly server: (turn: number) => Call
  /** The database, to check the stored rows. */
  readonly db: Db
  /** The accounts of its auth-service that are not ACTIVE; see the stand-in. */
  readonly accounts: Map<string, string>
  /** How many times event-service has looked up accounts. */
  readonly lookups: () => number
  readonly env: Readonly<Record<string, string>>
  /** Reports an activity of this user, as ADMIN. */
  readonly did: (userId: string, type: string, given?: object) => Promise<void>
}

/** Starts event-service on a real socket with its own database; `servers` of them share it. Stopped with the test. */
export async function startEventService (
  t: Owner, overrides: Readonly<Record<string, string>> = {}, servers = 1, options: AppOptions = {}
): Promise<EventService> {
  const { uri, name, client } = ownDatabase(t, 'event')
  const auth = await startStandIn(t, [issuer.jwk])
  const env = { AUTH_URL: auth.url, EVENT_MONGODB_URI: uri, LOG_LEVEL: 'silent', ...overrides }
  async function listen (): Promise<string> {
    // Tests check counts right after a claim.
    const app = await buildApp(readConfig(env), { maxCountAge: 0, ...options })
    t.teardown(async () => { await app.close() })
    return await app.listen({ host: '127.0.0.1', port: 0 })
  }
  const url = await listen()
  const call = onlyDocumented(createCall(url))
  const calls = [call]
  while (calls.length < servers) calls.push(onlyDocumented(createCall(await listen())))
  return {
    url,
    call,
    server: turn => calls[turn % calls.length] ?? call,
    db: client.db(name),
    accounts: auth.accounts,
    lookups: () => auth.lookups,
    env,
    async did (userId, type, given = {}) {
      const activity = { id: newUserId(), userId, type, ...given }
      const { status, body } = await call('POST', '/v1/activities', {
        token: as('ADMIN'), body: { activities: [activity] }
      })
      if (status === 200 && body.accepted === 1) return
      throw new Error(`The activity was not accepted: ${status} ${JSON.stringify(body)}`)
    }
  }
}

/** Returns the number of responses by status. */
export function countByStatus (answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** Runs the same function `times` times concurrently. */
export async function atOnce<T> (times: number, run: (index: number) => Promise<T>): Promise<T[]> {
  return await Promise.all(Array.from({ length: times }, async (_, index) => await run(index)))
}
