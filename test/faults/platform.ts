import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CallerRole } from '@laurel/shared/contracts'
import { findMongod } from '../../dev/src/mongod-binary.ts'
import { freePort } from '../../dev/src/ports.ts'
import { createServer, type ChaosServer, type ServerName } from '../chaos/servers.ts'
import { createIssuer } from '../kit/tokens/issuer.ts'
import { createMember, startReplicaSet, type MemberOptions, type ReplicaSet } from './mongod.ts'

/** What a fault needs in addition to one instance of each server. Functions get the folder of the run. */
export interface Layout {
  readonly members?: 1 | 3
  readonly eventServices?: 1 | 3
  readonly env?: Partial<Record<ServerName, (dir: string) => NodeJS.ProcessEnv>>
  readonly member?: (dir: string, index: number) => Partial<MemberOptions>
  /** Returns the URL under which the gateway reaches event-service. */
  readonly before?: (eventUrl: string) => Promise<string>
}

export interface PlatformOptions {
  readonly root: string
  readonly dir: string
  readonly logFile: string
  readonly signal: AbortSignal
  readonly onUnexpected: (sentence: string) => void
}

/** All servers of Laurel as separate processes, on a replica set. */
export interface Platform {
  readonly dir: string
  readonly url: string
  readonly database: ReplicaSet
  readonly gateway: ChaosServer
  readonly authService: ChaosServer
  readonly eventServices: readonly [ChaosServer, ...ChaosServer[]]
  /** Returns an access token; the same one for the same caller. */
  readonly tokenFor: (role: CallerRole, sub: string) => string
  readonly stop: () => Promise<void>
}

const tokenLifetimeSeconds = 900

export async function startPlatform (layout: Layout, options: PlatformOptions): Promise<Platform> {
  const { dir, signal } = options
  const { members = 1, eventServices = 1, before } = layout
  const binary = await findMongod({ env: process.env, signal, print: () => undefined })
  const database = await startReplicaSet(await Promise.all(Array.from({ length: members }, async (_, index) =>
    await createMember({ binary, dbPath: join(dir, `mongod-${index}`), ...layout.member?.(dir, index) }))), signal)
  const create = async (
    server: ServerName, env: NodeJS.ProcessEnv, address: { host?: string, port: number }
  ): Promise<ChaosServer> => await createServer(server, {
    ...options, ...address, server, env: { LOG_LEVEL: 'warn', ...env, ...layout.env?.[server]?.(dir) }
  })

  const [port, authPort, eventPort] = [await freePort(), await freePort(), await freePort()]
  const authUrl = `http://127.0.0.1:${authPort}`
  const name = eventServices === 1 ? '127.0.0.1' : 'event-services.test'
  const eventUrl = `http://${name}:${eventPort}`
  // The servers use one address for each other. Only the gateway uses the name with several addresses.
  const authService = await create('auth-service', {
    AUTH_MONGODB_URI: database.uri,
    EVENT_URL: `http://127.0.0.1:${eventPort}`,
    DATA_DIR: join(dir, 'auth'),
    ADMIN_PASSWORD: 'a password for faults',
    BCRYPT_COST: '4'
  }, { port: authPort })
  const eventEnv = { EVENT_MONGODB_URI: database.uri, AUTH_URL: authUrl }
  const servers = await Promise.all(Array.from({ length: eventServices }, async (_, index) =>
    await create('event-service', eventEnv, { host: `127.0.0.${index + 1}`, port: eventPort })))
  const gateway = await create('gateway', {
    AUTH_URL: authUrl,
    EVENT_URL: before === undefined ? eventUrl : await before(eventUrl),
    METRICS_PORT: '0',
    RATE_LIMIT_PER_MINUTE: '0',
    LOGIN_LIMIT_PER_MINUTE: '0',
    NODE_OPTIONS: `--import ${pathToFileURL(join(options.root, 'test/faults/names.mjs')).href}`
  }, { port })

  const all = [gateway, authService, ...servers]
  async function stop (): Promise<void> {
    for (const server of all) server.signal('SIGCONT')
    await Promise.all(all.map(async ({ kill }) => { await kill() }))
    await database.stop()
  }
  try {
    await Promise.all(all.map(async ({ start }) => { await start() }))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    dir,
    url: gateway.url,
    database,
    gateway,
    authService,
    eventServices: servers as [ChaosServer, ...ChaosServer[]],
    tokenFor: createTokens(readFileSync(join(dir, 'auth', 'jwt-private-key.pem'), 'utf8')),
    stop
  }
}

function createTokens (privatePem: string): Platform['tokenFor'] {
  const { token } = createIssuer(privatePem)
  const tokens = new Map<string, string>()
  return (role, sub) => {
    const caller = `${role} ${sub}`
    const known = tokens.get(caller) ??
      token({ sub, role, exp: Math.floor(Date.now() / 1000) + tokenLifetimeSeconds })
    tokens.set(caller, known)
    return known
  }
}
