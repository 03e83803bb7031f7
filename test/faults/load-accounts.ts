import { setTimeout as sleep } from 'node:timers/promises'
import type { Document, MongoClient } from 'mongodb'
import type { LoadContext, Operation } from '../chaos/load.ts'

export const authDatabase = 'laurel_auth'
export const eventDatabase = 'laurel_event'
const password = 'a password of the load'

/** What auth-service acknowledged. */
export interface Accounts {
  /** User ids by email address. */
  readonly ids: Map<string, string>
  /** The ids of the users who have logged in. */
  readonly signedIn: Set<string>
}

/** A user registers, logs in, and immediately uses the new token. */
export function signUp ({ client }: LoadContext, accounts: Accounts): Operation {
  let made = 0
  return async random => {
    const email = `person-${made++}@example.com`
    const auth = async (path: string, expected: readonly number[]) => await client({
      method: 'POST', path: `/v1/auth/${path}`, role: 'USER', sub: 'nobody', body: { email, password }, expected
    }, random)
    // 409: an earlier attempt succeeded, and its response was lost.
    const registered = await auth('register', [201, 409])
    if (registered?.status === 201) accounts.ids.set(email, registered.body.id)
    if (registered === undefined) return
    const session = await auth('login', [200])
    if (session?.status !== 200) return
    const { user, accessToken: token } = session.body
    accounts.ids.set(email, user.id)
    accounts.signedIn.add(user.id)
    await client({ method: 'GET', path: '/v1/users/me', role: 'USER', sub: user.id, token, expected: [200] }, random)
  }
}

/** How long the activities of logins may take to reach event-service, in milliseconds. */
const timeout = 15_000

/**
 * Returns which acknowledged accounts are missing, and which logins neither reached event-service nor are in the
 * outbox. Logins with a time in the future, after a clock was ahead, wait in the outbox until then.
 */
export async function checkAccounts (mongo: MongoClient, { ids, signedIn }: Accounts): Promise<string[]> {
  const rows = await mongo.db(authDatabase).collection('users').find({ email: { $in: [...ids.keys()] } }).toArray()
  const stored = new Map(rows.map(({ _id, email }) => [email as string, String(_id)]))
  const missing = [...ids].filter(([email, id]) => stored.get(email) !== id)
    .map(([email, id]) => `account ${id} (${email}) was acknowledged, but ${stored.get(email)} is stored`)
  const activities = mongo.db(eventDatabase).collection('activities')
  const sessions = mongo.db(authDatabase).collection('sessions')
  const deadline = Date.now() + timeout
  while (true) {
    const reported = new Set(await activities.distinct('userId', { userId: { $in: [...signedIn] } }))
    const early = { outboxSince: { $gt: new Date() } }
    for (const id of await sessions.distinct('userId', early)) reported.add(id)
    const late = [...signedIn].filter(id => !reported.has(id))
    if (late.length === 0) return missing
    if (Date.now() > deadline) {
      return [...missing, ...late.map(id => `the login of ${id} has not reached event-service`)]
    }
    await sleep(200)
  }
}

/** Adds users as copies of the first account, so that event-service finds them. */
export async function addUsers (mongo: MongoClient, ids: readonly string[]): Promise<void> {
  const users = mongo.db(authDatabase).collection<Document & { _id: string }>('users')
  const first = await users.findOne()
  await users.insertMany(ids.map(id => ({
    ...first,
    _id: id,
    email: `${id}@example.com`,
    role: 'USER',
    referralCode: id
  })))
}
