import { addHealthRoutes, createService, type Server } from '@laurel/shared/http'
import { connectMongo, createUnreadableLog, translateMongoError } from '@laurel/shared/mongo'
import {
  accessClaims, createTokenVerifier, followRemoteKeys, guard, internalAudience, internalClaims,
  internalClockTolerance, internalTokenType
} from '@laurel/shared/tokens'
import type { Tracing } from '@laurel/shared/tracing'
import { createAccountCheck, createAccountLookup } from './accounts.ts'
import type { Config } from './config.ts'
import { createCounts } from './counts.ts'
import { outcomeLabel } from './engine/claim-outcome.ts'
import { collections, createEngine, migrations } from './engine/index.ts'
import { createActivityRetention } from './engine/retention.ts'
import { createExport } from './flows/export-claims.ts'
import { createGrantFlow } from './flows/grant-rewards.ts'
import { createIngestionFlow } from './flows/ingest-activities.ts'
import { createReviewFlow } from './flows/review-claim.ts'
import { createRevokeFlow } from './flows/revoke-claim.ts'
import { addPauseMetric, addStockMetric, addWebhookMetric, createMetrics } from './metrics.ts'
import { createSettlement } from './flows/settle.ts'
import { activityRoutes } from './routes/activities.ts'
import { auditRoutes } from './routes/audits.ts'
import { claimRoutes } from './routes/claims.ts'
import { couponRoutes } from './routes/coupons.ts'
import { deliveryRoutes } from './routes/deliveries.ts'
import { erasureRoutes } from './routes/erasures.ts'
import { eventRoutes } from './routes/events.ts'
import { grantRoutes } from './routes/grants.ts'
import { pauseRoutes } from './routes/pause.ts'
import { progressRoutes } from './routes/progress.ts'
import { reviewRoutes } from './routes/reviews.ts'
import { revocationRoutes } from './routes/revocations.ts'
import { rewardRoutes } from './routes/rewards.ts'
import { settlementRoutes } from './routes/settlement.ts'
import { simulationRoutes } from './routes/simulation.ts'
import { statsRoutes } from './routes/stats.ts'
import { walletRoutes } from './routes/wallets.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { createErasureStore } from './stores/erasures.ts'
import { createOldActivityStore } from './stores/old-activities.ts'
import { readAllowed } from './webhooks/address.ts'
import { createWebhooks } from './webhooks/index.ts'

export interface AppOptions {
  /** The maximum age of a cached count of claims, in milliseconds. */
  readonly maxCountAge?: number
  /** If absent, the server is not traced. */
  readonly tracing?: Tracing | undefined
}

/**
 * Returns event-service, ready to listen: events, rewards, claims, wallets, activities. Throws a StartupError if a
 * dependency is missing.
 */
export async function buildApp (config: Config, { maxCountAge, tracing }: AppOptions = {}): Promise<Server> {
  const app = createService({ name: 'event-service', logLevel: config.LOG_LEVEL, translateError: translateMongoError })
  const mongo = await connectMongo(config.mongoUri, 'laurel_event', 'event-service', collections, {
    migrations, log: app.log, tracing
  })
  app.addHook('onClose', mongo.close)

  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = config
  const access = createTokenVerifier({ typ: 'at+jwt', issuer, audience, requiredClaims: accessClaims })
  const internal = createTokenVerifier({
    typ: internalTokenType,
    issuer,
    audience: internalAudience,
    requiredClaims: internalClaims,
    clockTolerance: internalClockTolerance
  })
  const keys = await followRemoteKeys(config.AUTH_URL, published => {
    access.setKeys(published)
    internal.setKeys(published)
  }, app.log)
  app.addHook('onClose', async () => { keys.close() })
  await app.register(guard, { access, internal, refreshKeys: keys.refresh })

  const metrics = createMetrics(app)
  const engine = createEngine(mongo.db, app.log, metrics.batched, createUnreadableLog(app), tracing)
  const { events, claims, stock, coupons, activities, audits, settings, pauses, webhooks, deliveries } = engine
  addStockMetric(app, events, stock)
  addPauseMetric(app, pauses)
  app.addHook('onReady', async () => { engine.sweeper.start() })
  app.addHook('onClose', engine.sweeper.close)
  const { ACTIVITY_RETENTION_DAYS: days } = config
  if (days !== undefined) {
    const store = createOldActivityStore(mongo.db)
    const retention = createActivityRetention({ store, days, log: app.log, onRemoved: metrics.removed })
    app.addHook('onReady', async () => { retention.start() })
    app.addHook('onClose', retention.close)
  }

  const allowed = readAllowed(config.WEBHOOK_ALLOW)
  const sending = createWebhooks({ ...engine, allowed, log: app.log, onAttempt: metrics.webhookAttempted })
  addWebhookMetric(app, engine)
  app.addHook('onReady', async () => { sending.start() })
  app.addHook('onClose', sending.close)

  const lookUp = createAccountLookup(config.AUTH_URL)
  const counts = createCounts(claims.countHeld, maxCountAge)
  const statistics = createCounts(claims.statsOf, maxCountAge)
  addHealthRoutes(app, { mongodb: mongo.ping })
  await app.register(eventRoutes, { events, counts, coupons, defaultTimeZone: config.TIME_ZONE })
  await app.register(rewardRoutes, { events, counts, coupons })
  await app.register(couponRoutes, { events, coupons })
  await app.register(statsRoutes, { events, counts, statistics })
  await app.register(simulationRoutes, { events, claims, simulate: engine.simulate })
  await app.register(claimRoutes, { claims, submit: engine.claim, onOutcome: metrics.claimed })
  const stores = { claims, events }
  await app.register(settlementRoutes, { exportClaims: createExport(stores), settle: createSettlement(stores) })
  await app.register(progressRoutes, { events, progress: engine.progress })
  const review = createReviewFlow({ claims, stock, settings, isActive: createAccountCheck(config.AUTH_URL) })
  await app.register(reviewRoutes, { review })
  await app.register(revocationRoutes, { revoke: createRevokeFlow(claims) })
  await app.register(deliveryRoutes, { claims })
  await app.register(grantRoutes, {
    events,
    startGrants: createGrantFlow({
      claims,
      settings,
      submit: engine.claim,
      progress: engine.progress,
      lookUp,
      onOutcome: outcome => { metrics.claimed(outcomeLabel(outcome)) }
    })
  })
  await app.register(walletRoutes, { claims })
  await app.register(activityRoutes, {
    activities, startIngestion: createIngestionFlow({ activities, write: engine.ingest, lookUp })
  })
  await app.register(pauseRoutes, { pauses })
  await app.register(webhookRoutes, { webhooks, deliveries, allowed, wake: sending.wake })
  await app.register(auditRoutes, { audits })
  await app.register(erasureRoutes, { erasures: createErasureStore(mongo.db) })
  return app
}
