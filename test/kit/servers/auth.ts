import { randomBytes } from 'node:crypto'
import type { Role, User } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import type { Collection, Db } from 'mongodb'
import { buildApp, type AppOptions } from '../../../auth-service/src/app.ts'
import { readConfig } from '../../../auth-service/src/config.ts'
import { createCall, type Answer, type Call } from '../http/client.ts'
import { onlyDocumented } from '../http/documented.ts'
import { dataDirOf } from '../tokens/data-dir.ts'
import { ownDatabase } from '../mongo/database.ts'
import type { Owner } from '../run/owner.ts'

export const adminEmail = 'admin@example.com'
export const password = 'a long walk by the sea'

/** Options of an auth-service that waits long enough for event-service and other attempts, even on a busy machine. */
export const longTimeouts: AppOptions = {
  relay: { maxLoginWait: 10_000, pollInterval: 50 },
  erasureRelay: { maxWait: 10_000, pollInterval: 50 },
  loginThrottle: { maxWait: 60_000 }
}

/** A stored document. */
export interface Stored { _id: string, [field: string]: any }

/** A user who has registered and therefore has an email address. */
export type RegisteredUser = User & { readonly email: string }

export interface Session {
  readonly user: RegisteredUser
  readonly token: string
  readonly refreshToken: string
  /** The claims of the access token; the signature is not verified. */
  readonly claims: Readonly<Record<string, any>>
}

export interface AuthService {
  readonly app: Server
  readonly url: string
  readonly call: Call
  readonly env: Readonly<Record<string, string>>
  /** The lines that auth-service printed for the operator. */
  readonly printed: readonly string[]
  readonly users: Collection<Stored>
  readonly sessions: Collection<Stored>
  readonly db: Db
  /** Registers an account with a new email address. */
  readonly register: (given?: object) => Promise<RegisteredUser>
  readonly tryLogin: (email: string, password?: string) => Promise<Answer>
  readonly login: (email: string, password?: string) => Promise<Session>
  /** Registers an account with this role and logs in. */
  readonly signIn: (role: Role) => Promise<Session>
}

/** Returns the parts of a JWT; the signature is not verified. */
export function readToken (token: string): { header: Record<string, any>, claims: Record<string, any> } {
  const [header, claims] = token.split('.').map(part => Buffer.from(part, 'base64url').toString())
  return { header: JSON.parse(header ?? ''), claims: JSON.parse(claims ?? '') }
}

/**
 * Starts only auth-service, on a real socket. It is stopped with the test. Without `EVENT_URL`, connections to
 * event-service are refused immediately.
 * @param database a database that several instances share, or that outlives a restart.
 */
export async function startAuth (
  t: Owner, overrides: Readonly<Record<string, string>> = {}, database = ownDatabase(t, 'auth'),
  options: AppOptions = {}
): Promise<AuthService> {
  const env: Record<string, string> = {
    AUTH_PORT: '0',
    EVENT_URL: 'http://127.0.0.1:1',
    AUTH_MONGODB_URI: database.uri,
    DATA_DIR: overrides['DATA_DIR'] ?? dataDirOf(t),
    ADMIN_EMAIL: adminEmail,
    ADMIN_PASSWORD: password,
    BCRYPT_COST: '4',
    LOG_LEVEL: 'silent',
    ...overrides
  }
  const printed: string[] = []
  // One thread, because loading a thread takes longer than the hashes of the tests.
  const passwordHasher = { threads: 1, queuePerThread: 64 }
  const app = await buildApp(readConfig(env), line => { printed.push(line) }, { passwordHasher, ...options })
  t.teardown(async () => { await app.close() })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const call = onlyDocumented(createCall(url))
  const db = database.client.db(database.name)

  async function register (given: object = {}): Promise<RegisteredUser> {
    const answer = await call('POST', '/v1/auth/register', {
      body: { email: `${randomBytes(6).toString('hex')}@example.com`, password, ...given }
    })
    if (answer.status !== 201) throw new Error(`register: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  const tryLogin: AuthService['tryLogin'] = async (email, given = password) =>
    await call('POST', '/v1/auth/login', { body: { email, password: given } })

  const login: AuthService['login'] = async (email, given) => {
    const { status, body } = await tryLogin(email, given)
    if (status !== 200) throw new Error(`login: ${status} ${JSON.stringify(body)}`)
    const { user, accessToken, refreshToken } = body
    return { user, token: accessToken, refreshToken, claims: readToken(accessToken).claims }
  }

  return {
    app,
    url,
    call,
    env,
    printed,
    db,
    users: db.collection<Stored>('users'),
    sessions: db.collection<Stored>('sessions'),
    register,
    tryLogin,
    login,
    async signIn (role) {
      const { id, email } = await register()
      if (role !== 'USER') {
        const { token } = await login(adminEmail)
        await call('PATCH', `/v1/users/${id}`, { token, body: { role } })
      }
      return await login(email)
    }
  }
}
