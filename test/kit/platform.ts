import { randomBytes } from 'node:crypto'
import type { Role } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import type { Test } from 'tap'
import { buildApp as buildAuth } from '../../auth-service/src/app.ts'
import { readConfig as readAuthConfig } from '../../auth-service/src/config.ts'
import { buildApp as buildEvent } from '../../event-service/src/app.ts'
import { readConfig as readEventConfig } from '../../event-service/src/config.ts'
import { buildApp as buildGateway } from '../../gateway/src/app.ts'
import { readConfig as readGatewayConfig } from '../../gateway/src/config.ts'
import { password, type RegisteredUser } from './auth.ts'
import { createCall, type Call } from './client.ts'
import { dataDirOf } from './data-dir.ts'
import { ownDatabase } from './database.ts'
import { freePort } from './ports.ts'

export interface SignedIn {
  readonly user: RegisteredUser
  readonly token: string
  readonly refreshToken: string
}

export interface Platform {
  readonly urls: { readonly gateway: string, readonly auth: string, readonly event: string }
  /** Through the gateway, as everyone calls. */
  readonly call: Call
  /** The environment that all three servers were given, with the URIs of their databases. */
  readonly env: Readonly<Record<string, string>>
  readonly apps: { readonly auth: Server, readonly event: Server, readonly gateway: Server }
  /** The first ADMIN, signed in. */
  readonly admin: SignedIn
  /** A new person of this role, signed in. */
  readonly signIn: (role: Role) => Promise<SignedIn>
}

/** A mail address that no other test has. */
export function newEmail (): string {
  return `${randomBytes(6).toString('hex')}@example.com`
}

/** Registers and logs in through a server of the platform. */
export async function registerAndLogin (call: Call, email = newEmail()): Promise<SignedIn> {
  await call('POST', '/v1/auth/register', { body: { email, password } })
  return await login(call, email, password)
}

export async function login (call: Call, email: string, password: string): Promise<SignedIn> {
  const { status, body } = await call('POST', '/v1/auth/login', { body: { email, password } })
  if (status !== 200) throw new Error(`login answered ${status} ${JSON.stringify(body)}`)
  return { user: body.user, token: body.accessToken, refreshToken: body.refreshToken }
}

/** All three servers in this process, on real sockets, each with a database of its own, ended with the test. */
export async function startPlatform (t: Test, overrides: Readonly<Record<string, string>> = {}): Promise<Platform> {
  const [authPort, eventPort, port] = [await freePort(), await freePort(), await freePort()]
  const urls = { auth: `http://127.0.0.1:${authPort}`, event: `http://127.0.0.1:${eventPort}`, gateway: `http://127.0.0.1:${port}` }
  const env: Record<string, string> = {
    AUTH_PORT: String(authPort),
    EVENT_PORT: String(eventPort),
    PORT: String(port),
    METRICS_PORT: '0',
    AUTH_URL: urls.auth,
    EVENT_URL: urls.event,
    AUTH_MONGODB_URI: ownDatabase(t, 'auth').uri,
    EVENT_MONGODB_URI: ownDatabase(t, 'event').uri,
    DATA_DIR: dataDirOf(t),
    ADMIN_PASSWORD: password,
    BCRYPT_COST: '4',
    LOG_LEVEL: 'silent',
    // Tests sign in more often than people do.
    RATE_LIMIT_PER_MINUTE: '0',
    LOGIN_LIMIT_PER_MINUTE: '0',
    ...overrides
  }
  const auth = await buildAuth(readAuthConfig(env), () => undefined)
  t.teardown(async () => { await auth.close() })
  await auth.listen({ host: '127.0.0.1', port: authPort })
  const event = await buildEvent(readEventConfig(env))
  t.teardown(async () => { await event.close() })
  await event.listen({ host: '127.0.0.1', port: eventPort })
  const gateway = await buildGateway(readGatewayConfig(env))
  t.teardown(async () => { await gateway.close() })
  await gateway.listen({ host: '127.0.0.1', port })

  const call = createCall(urls.gateway)
  const admin = await login(call, 'admin@example.com', password)
  return {
    urls,
    call,
    env,
    apps: { auth, event, gateway },
    admin,
    async signIn (role) {
      const person = await registerAndLogin(call)
      if (role === 'USER') return person
      await call('PATCH', `/v1/users/${person.user.id}`, { token: admin.token, body: { role } })
      return await login(call, person.user.email, password)
    }
  }
}
