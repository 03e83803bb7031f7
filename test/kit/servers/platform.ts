import { randomBytes } from 'node:crypto'
import type { Client } from '@laurel/client'
import type { Role } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { buildApp as buildAuth } from '../../../auth-service/src/app.ts'
import { readConfig as readAuthConfig } from '../../../auth-service/src/config.ts'
import { buildApp as buildEvent } from '../../../event-service/src/app.ts'
import { readConfig as readEventConfig } from '../../../event-service/src/config.ts'
import { buildApp as buildGateway } from '../../../gateway/src/app.ts'
import { readConfig as readGatewayConfig } from '../../../gateway/src/config.ts'
import { password, type RegisteredUser } from './auth.ts'
import { createCall, type Call } from '../http/client.ts'
import { onlyDocumented } from '../http/documented.ts'
import { createLaurel } from '../http/laurel.ts'
import type { Owner } from '../run/owner.ts'
import { serverEnvironment } from './environment.ts'

export interface SignedIn {
  readonly user: RegisteredUser
  readonly token: string
  readonly refreshToken: string
  /** Calls the gateway as this user. */
  readonly client: Client
}

export interface Platform {
  readonly urls: { readonly gateway: string, readonly auth: string, readonly event: string }
  /** Sends a request to the gateway, for tests of HTTP itself. Others use the `client` of a user. */
  readonly call: Call
  /** The environment of the three servers, with the URIs of their databases. */
  readonly env: Readonly<Record<string, string>>
  readonly apps: { readonly auth: Server, readonly event: Server, readonly gateway: Server }
  /** The first ADMIN, logged in. */
  readonly admin: SignedIn
  /** Registers an account with this role and logs in. */
  readonly signIn: (role: Role) => Promise<SignedIn>
}

/** Returns a new email address. */
export function newEmail (): string {
  return `${randomBytes(6).toString('hex')}@example.com`
}

/** Registers an account and logs in. */
export async function registerAndLogin (gateway: string, email = newEmail()): Promise<SignedIn> {
  await createLaurel(gateway).register({ email, password })
  return await login(gateway, email, password)
}

export async function login (gateway: string, email: string, password: string): Promise<SignedIn> {
  const client = createLaurel(gateway)
  const { user, accessToken, refreshToken } = await client.login({ email, password })
  return { user: { ...user, email }, token: accessToken, refreshToken, client }
}

/** Starts all three servers in this process, on real sockets, each with its own database. Stopped with the test. */
export async function startPlatform (t: Owner, overrides: Readonly<Record<string, string>> = {}): Promise<Platform> {
  const { ports, urls, env: own } = await serverEnvironment(t)
  const env = { ...own, LOG_LEVEL: 'silent', ...overrides }
  const authApp = await buildAuth(readAuthConfig(env), () => undefined)
  t.teardown(async () => { await authApp.close() })
  await authApp.listen({ host: '127.0.0.1', port: ports.auth })
  const eventApp = await buildEvent(readEventConfig(env))
  t.teardown(async () => { await eventApp.close() })
  await eventApp.listen({ host: '127.0.0.1', port: ports.event })
  const gatewayApp = await buildGateway(readGatewayConfig(env))
  t.teardown(async () => { await gatewayApp.close() })
  await gatewayApp.listen({ host: '127.0.0.1', port: ports.gateway })

  const admin = await login(urls.gateway, 'admin@example.com', password)
  return {
    urls,
    call: onlyDocumented(createCall(urls.gateway)),
    env,
    apps: { auth: authApp, event: eventApp, gateway: gatewayApp },
    admin,
    async signIn (role) {
      const person = await registerAndLogin(urls.gateway)
      if (role === 'USER') return person
      await admin.client.updateUser({ userId: person.user.id, role })
      return await login(urls.gateway, person.user.email, password)
    }
  }
}
