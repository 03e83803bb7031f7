import { addHealthRoutes, createService, type Server } from '@laurel/shared/http'
import { connectMongo, createUnreadableLog, translateMongoError } from '@laurel/shared/mongo'
import { accessClaims, createTokenVerifier, guard, type TokenVerifier } from '@laurel/shared/tokens'
import type { Tracing } from '@laurel/shared/tracing'
import type { Config } from './config.ts'
import type { Lifetimes } from './domain/session.ts'
import { createEventServiceClient } from './event-service-client.ts'
import { createClientUsers } from './flows/client-users.ts'
import { createFirstAdmin } from './flows/create-first-admin.ts'
import { createIssueClientToken } from './flows/issue-client-token.ts'
import { createLogin } from './flows/login.ts'
import { createOwnAccount } from './flows/own-account.ts'
import { createReadAuthStatus } from './flows/read-auth-status.ts'
import { createRefresh } from './flows/refresh.ts'
import { createRegister } from './flows/register.ts'
import { createRotateClientSecret } from './flows/rotate-client-secret.ts'
import { createStartSession } from './flows/start-session.ts'
import { createUpdateUser } from './flows/update-user.ts'
import { openKeyRing, type KeyRing, type KeyRingTiming } from './keys/key-ring.ts'
import { createTokenIssuer } from './keys/token-issuer.ts'
import { createLoginThrottle, type LoginThrottleOptions } from './login-throttle/login-throttle.ts'
import { addMetrics } from './metrics.ts'
import { createErasureRelay, type ErasureRelayTiming } from './outbox/erasure-relay.ts'
import { createRelay, type RelayTiming } from './outbox/relay.ts'
import { costOf } from './passwords/bcrypt.ts'
import { createPasswordHasher, type PasswordHasherOptions } from './passwords/password-hasher.ts'
import { auditRoutes } from './routes/audits.ts'
import { authRoutes } from './routes/auth.ts'
import { clientRoutes } from './routes/clients.ts'
import { meRoutes } from './routes/me.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { userRoutes } from './routes/users.ts'
import { collections, createStores, migrations } from './stores/index.ts'

/** Tracing, and clocks, timeouts and queue sizes that tests set. */
export interface AppOptions {
  readonly keyRing?: KeyRingTiming
  readonly passwordHasher?: PasswordHasherOptions
  readonly relay?: RelayTiming
  readonly erasureRelay?: ErasureRelayTiming
  readonly loginThrottle?: Omit<LoginThrottleOptions, 'now'>
  /** How long an operation waits for MongoDB, in milliseconds. */
  readonly mongoTimeout?: number
  /** The clock of visits, sessions and the login throttle. */
  readonly now?: () => Date
  /** If absent, the server is not traced. */
  readonly tracing?: Tracing | undefined
}

/**
 * Builds auth-service: accounts, sign-in, roles and tokens.
 * Throws `StartupError` if a dependency is missing.
 * @param print prints the generated password of the first ADMIN, once.
 */
export async function buildApp (
  config: Config, print: (line: string) => void, options: AppOptions = {}
): Promise<Server> {
  const keys = openKeyRing(config.JWT_PRIVATE_KEY_FILE, config.DATA_DIR, options.keyRing)
  const app = createService({ name: 'auth-service', logLevel: config.LOG_LEVEL, translateError: translateMongoError })
  const mongo = await connectMongo(config.mongoUri, 'laurel_auth', 'auth-service', collections, {
    migrations, log: app.log, selectionTimeout: options.mongoTimeout, tracing: options.tracing
  })
  app.addHook('onClose', mongo.close)
  const stores = createStores(mongo.db, createUnreadableLog(app))
  const { users, newUsers, visits, sessions, accounts, clients, audits } = stores
  const { attempts, outbox, erasures, revocations } = stores

  const maxStoredCost = costOf(await users.findCostliestHash() ?? '')
  const passwords = createPasswordHasher(config.BCRYPT_COST, { maxStoredCost, ...options.passwordHasher })
  app.addHook('onClose', passwords.close)
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password, DATA_DIR: dataDir } = config
  await createFirstAdmin({ users, newUsers, passwords }, { email, password, dataDir, print })

  const tokens = await createTokenIssuer(app, keys, {
    issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE, accessTokenTtl: config.ACCESS_TOKEN_TTL
  })
  const eventService = createEventServiceClient(config.EVENT_URL, tokens.serviceToken, app.log)
  const relay = createRelay({ outbox, users, send: eventService.sendActivities, log: app.log }, options.relay)
  const erasureRelay = createErasureRelay(
    { erasures, send: eventService.sendErasure, log: app.log }, options.erasureRelay
  )
  for (const { start, close } of [relay, erasureRelay]) {
    app.addHook('onReady', async () => { start() })
    app.addHook('onClose', close)
  }

  const accessTokens = followKeys(app, config, keys)
  await app.register(guard, { access: accessTokens })
  addMetrics(app, passwords, outbox)
  addHealthRoutes(app, { required: { mongodb: mongo.ping } })

  const lifetimes = lifetimesOf(config)
  const { now = () => new Date() } = options
  const throttle = createLoginThrottle(attempts, { now, ...options.loginThrottle })
  const startSession = createStartSession({ visits, sessions, tokens, relay, lifetimes, now })
  await app.register(authRoutes, {
    register: createRegister({ users, newUsers, passwords }),
    login: createLogin({ users, passwords, throttle, startSession }),
    refresh: createRefresh({ visits, sessions, accounts, tokens, relay, lifetimes, now }),
    readAuthStatus: createReadAuthStatus({ users, sessions, clients, accessTokens, lifetimes }),
    issueClientToken: createIssueClientToken(clients, tokens),
    sessions,
    keys
  })
  await app.register(sessionRoutes, { sessions, revocations, lifetimes })
  await app.register(meRoutes, { users, ownAccount: createOwnAccount({ users, accounts, passwords, throttle }) })
  await app.register(userRoutes, {
    users,
    updateUser: createUpdateUser(accounts, clients),
    clientUsers: createClientUsers({ users, newUsers, accounts, clients, startSession, erasures: erasureRelay })
  })
  await app.register(clientRoutes, { clients, lifetimes, rotateClientSecret: createRotateClientSecret(clients) })
  await app.register(auditRoutes, { audits })
  return app
}

/** Returns a verifier of access tokens that always uses the current keys. */
function followKeys (app: Server, config: Config, keys: KeyRing): TokenVerifier {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = config
  const verifier = createTokenVerifier({ typ: 'at+jwt', issuer, audience, requiredClaims: accessClaims })
  const update = (): void => { verifier.setKeys(keys.publicKeys()) }
  update()
  keys.watch(update, app.log)
  app.addHook('onClose', async () => { keys.close() })
  return verifier
}

function lifetimesOf ({ REFRESH_TOKEN_TTL, REFRESH_IDLE_TTL, ACCESS_TOKEN_TTL }: Config): Lifetimes {
  return { session: REFRESH_TOKEN_TTL, idle: REFRESH_IDLE_TTL, accessToken: ACCESS_TOKEN_TTL }
}
