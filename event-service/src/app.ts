import { addHealthRoutes, createService, type Server } from '@laurel/shared/http'
import { connectMongo, createUnreadableLog, translateMongoError } from '@laurel/shared/mongo'
import {
  accessClaims, createTokenVerifier, followRemoteKeys, guard, internalAudience, internalClaims,
  internalClockTolerance, internalTokenType
} from '@laurel/shared/tokens'
import type { Tracing } from '@laurel/shared/tracing'
import { createActivityRetention } from './activity-retention.ts'
import { createAccountCheck, createAccountLookup } from './auth-service-client.ts'
import type { Config } from './config.ts'
import { createCountCache } from './cached-counts.ts'
import { outcomeLabel } from './engine/claim-outcome.ts'
import { createEngine } from './engine/index.ts'
import { createExportClaims } from './flows/export-claims.ts'
import { createGrantRewards } from './flows/grant-rewards.ts'
import { createIngestActivities } from './flows/ingest-activities.ts'
import { createReviewClaim } from './flows/review-claim.ts'
import { createRevokeClaim } from './flows/revoke-claim.ts'
import { addPauseMetric, addStockMetric, addWebhookMetric, createMetrics } from './metrics.ts'
import { createSettle } from './flows/settle.ts'
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
import { collections, migrations } from './stores/index.ts'
import { createOldActivityStore } from './stores/old-activities.ts'
import { readAllowed } from './webhooks/address.ts'
import { createWebhookWorker } from './webhooks/worker.ts'

export interface AppOptions {
  /** The maximum age of a cached count of claims, in milliseconds. */
  readonly maxCountAge?: number
  /** How long an operation waits for MongoDB, in milliseconds. */
  readonly mongoTimeout?: number
  /** If absent, the server is not traced. */
  readonly tracing?: Tracing | undefined
}

/**
 * Returns event-service, ready to listen: events, rewards, claims, wallets, activities. Throws a StartupError if a
 * dependency is missing.
 */
export async function buildApp (
  config: Config, { maxCountAge, mongoTimeout, tracing }: AppOptions = {}
): Promise<Server> {
  const app = createService({ name: 'event-service', logLevel: config.LOG_LEVEL, translateError: translateMongoError })
  const mongo = await connectMongo(config.mongoUri, 'laurel_event', 'event-service', collections, {
    migrations, log: app.log, selectionTimeout: mongoTimeout, tracing
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
  const engine = createEngine(mongo.db, app.log, metrics.observeBatch, createUnreadableLog(app), tracing)
  const { events, claims, stock, coupons, activities, audits, settings, pauses, webhooks, deliveries } = engine
  addStockMetric(app, events, stock)
  addPauseMetric(app, pauses)
  app.addHook('onReady', async () => { engine.sweeper.start() })
  app.addHook('onClose', engine.sweeper.close)
  const { ACTIVITY_RETENTION_DAYS: days } = config
  if (days !== undefined) {
    const store = createOldActivityStore(mongo.db)
    const retention = createActivityRetention({ store, days, log: app.log, onRemoved: metrics.countRemoved })
    app.addHook('onReady', async () => { retention.start() })
    app.addHook('onClose', retention.close)
  }

  const allowed = readAllowed(config.WEBHOOK_ALLOW)
  const webhookWorker = createWebhookWorker({ ...engine, allowed, log: app.log, onAttempt: metrics.countAttempt })
  addWebhookMetric(app, engine)
  app.addHook('onReady', async () => { webhookWorker.start() })
  app.addHook('onClose', webhookWorker.close)

  const lookUp = createAccountLookup(config.AUTH_URL)
  const unitCounts = createCountCache(claims.countUnits, maxCountAge)
  const claimCounts = createCountCache(claims.countClaims, maxCountAge)
  addHealthRoutes(app, { required: { mongodb: mongo.ping } })
  await app.register(eventRoutes, { events, unitCounts, coupons, defaultTimeZone: config.TIME_ZONE })
  await app.register(rewardRoutes, { events, unitCounts, coupons })
  await app.register(couponRoutes, { events, coupons })
  await app.register(statsRoutes, { events, unitCounts, claimCounts })
  await app.register(simulationRoutes, { events, claims, simulate: engine.simulate })
  await app.register(claimRoutes, { claims, submit: engine.claim, onOutcome: metrics.countClaim })
  const stores = { claims, events }
  await app.register(settlementRoutes, { exportClaims: createExportClaims(stores), settle: createSettle(stores) })
  await app.register(progressRoutes, { events, progress: engine.progress })
  const review = createReviewClaim({ claims, stock, settings, isActive: createAccountCheck(config.AUTH_URL) })
  await app.register(reviewRoutes, { review })
  await app.register(revocationRoutes, { revoke: createRevokeClaim(claims) })
  await app.register(deliveryRoutes, { claims })
  await app.register(grantRoutes, {
    events,
    startGrants: createGrantRewards({
      claims,
      settings,
      submit: engine.claim,
      progress: engine.progress,
      lookUp,
      onOutcome: outcome => { metrics.countClaim(outcomeLabel(outcome)) }
    })
  })
  await app.register(walletRoutes, { claims })
  await app.register(activityRoutes, {
    activities, startIngestion: createIngestActivities({ activities, write: engine.ingest, lookUp })
  })
  await app.register(pauseRoutes, { pauses })
  await app.register(webhookRoutes, { webhooks, deliveries, allowed, wake: webhookWorker.wake })
  await app.register(auditRoutes, { audits })
  await app.register(erasureRoutes, { erasures: createErasureStore(mongo.db) })
  return app
}
