import { addHealth, createService, type Server } from '@laurel/shared/http'
import { connectMongo, createAuditStore, translateMongoError } from '@laurel/shared/mongo'
import { accessClaims, createTokenVerifier, guard } from '@laurel/shared/tokens'
import type { Config } from './config.ts'
import type { AuditTarget } from './domain/audit.ts'
import { ensureFirstAdmin } from './first-admin.ts'
import { createGuesses } from './guesses.ts'
import { openKeyRing } from './key-ring.ts'
import { addMetrics } from './metrics.ts'
import { createPasswords } from './passwords.ts'
import { createRelay, deliverTo } from './relay.ts'
import { auditRoutes } from './routes/audits.ts'
import { authRoutes } from './routes/auth.ts'
import { clientRoutes } from './routes/clients.ts'
import { meRoutes } from './routes/me.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { userRoutes } from './routes/users.ts'
import { createAccountStore } from './stores/accounts.ts'
import { createAttemptStore } from './stores/attempts.ts'
import { createClientStore } from './stores/clients.ts'
import { collections } from './stores/collections.ts'
import { createOutbox } from './stores/outbox.ts'
import { createRevocationStore } from './stores/revocations.ts'
import { createSessionStore } from './stores/sessions.ts'
import { createUserStore } from './stores/users.ts'
import { createTokens } from './tokens.ts'

/**
 * auth-service, ready to listen: accounts, sign-in, roles, tokens.
 * @param print where the first ADMIN's made password goes, once.
 * @throws {StartupError} where something it needs is missing.
 */
export async function buildApp (config: Config, print: (line: string) => void): Promise<Server> {
  const keys = openKeyRing(config.JWT_PRIVATE_KEY_FILE, config.DATA_DIR)
  const app = createService({ name: 'auth-service', logLevel: config.LOG_LEVEL, translate: translateMongoError })
  const mongo = await connectMongo(config.mongoUri, 'laurel_auth', 'auth-service', collections)
  app.addHook('onClose', mongo.close)

  const users = createUserStore(mongo.db)
  const sessions = createSessionStore(mongo.db)
  const audits = createAuditStore<AuditTarget>(mongo.db)
  const accounts = createAccountStore(mongo.db, sessions, audits)
  const clients = createClientStore(mongo.db, audits)
  const guesses = createGuesses(createAttemptStore(mongo.db))
  const passwords = createPasswords(config.BCRYPT_COST)
  app.addHook('onClose', passwords.close)
  await ensureFirstAdmin(users, passwords, { email: config.ADMIN_EMAIL, password: config.ADMIN_PASSWORD, dataDir: config.DATA_DIR, print })

  const tokens = await createTokens(app, keys, { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE, lifetime: config.ACCESS_TOKEN_TTL })
  const outbox = createOutbox(mongo.db)
  addMetrics(app, passwords, outbox)
  const relay = createRelay(outbox, deliverTo(config.EVENT_URL, tokens.serviceToken), app.log)
  app.addHook('onReady', async () => { relay.start() })
  app.addHook('onClose', relay.close)

  const access = createTokenVerifier({ typ: 'at+jwt', issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE, requiredClaims: accessClaims })
  access.setKeys(keys.published())
  keys.follow(() => { access.setKeys(keys.published()) }, app.log)
  app.addHook('onClose', async () => { keys.close() })
  await app.register(guard, { access })

  addHealth(app, { mongodb: mongo.ping })
  const lifetimes = { session: config.REFRESH_TOKEN_TTL, idle: config.REFRESH_IDLE_TTL, accessToken: config.ACCESS_TOKEN_TTL }
  await app.register(authRoutes, { users, sessions, passwords, guesses, tokens, relay, keys, lifetimes })
  await app.register(sessionRoutes, { users, sessions, clients, revocations: createRevocationStore(mongo.db), tokens, access, relay, lifetimes })
  await app.register(meRoutes, { users, accounts, passwords, guesses })
  await app.register(userRoutes, { users, accounts })
  await app.register(clientRoutes, { clients, tokens, lifetimes })
  await app.register(auditRoutes, { audits })
  return app
}
