import { addHealth, createService, type Server } from '@laurel/shared/http'
import { connectMongo, translateMongoError } from '@laurel/shared/mongo'
import { accessClaims, createTokenVerifier, followRemoteKeys, guard, internalAudience, internalClaims, internalTokenType } from '@laurel/shared/tokens'
import type { Config } from './config.ts'
import { createCounts } from './counts.ts'
import { createAssessor } from './engine/assess.ts'
import { createClaiming } from './engine/claiming.ts'
import { createEvidenceReader } from './engine/evidence.ts'
import { createProgress } from './engine/progress.ts'
import { createSweeper } from './engine/sweeper.ts'
import { activityRoutes } from './routes/activities.ts'
import { auditRoutes } from './routes/audits.ts'
import { claimRoutes } from './routes/claims.ts'
import { couponRoutes } from './routes/coupons.ts'
import { eventRoutes } from './routes/events.ts'
import { progressRoutes } from './routes/progress.ts'
import { reviewRoutes } from './routes/reviews.ts'
import { rewardRoutes } from './routes/rewards.ts'
import { statsRoutes } from './routes/stats.ts'
import { walletRoutes } from './routes/wallets.ts'
import { createActivityStore } from './stores/activities.ts'
import { createAuditStore } from './stores/audits.ts'
import { createClaimStore } from './stores/claims.ts'
import { collections } from './stores/collections.ts'
import { createCouponStore } from './stores/coupons.ts'
import { createEventStore } from './stores/events.ts'
import { createSnapshotStore } from './stores/snapshots.ts'
import { createStockStore } from './stores/stock.ts'

/**
 * event-service, ready to listen: events, rewards, claims, wallets, activities.
 * @throws {StartupError} where something it needs is missing.
 */
export async function buildApp (config: Config): Promise<Server> {
  const app = createService({ name: 'event-service', logLevel: config.LOG_LEVEL, translate: translateMongoError })
  const mongo = await connectMongo(config.mongoUri, 'laurel_event', 'event-service', collections)
  app.addHook('onClose', mongo.close)

  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = config
  const access = createTokenVerifier({ typ: 'at+jwt', issuer, audience, requiredClaims: accessClaims })
  const internal = createTokenVerifier({ typ: internalTokenType, issuer, audience: internalAudience, requiredClaims: internalClaims })
  const keys = await followRemoteKeys(config.AUTH_URL, published => {
    access.setKeys(published)
    internal.setKeys(published)
  }, app.log)
  app.addHook('onClose', async () => { keys.close() })
  await app.register(guard, { access, internal, refreshKeys: keys.refresh })

  const audits = createAuditStore(mongo.db)
  const events = createEventStore(mongo.db, audits)
  const activities = createActivityStore(mongo.db)
  const claims = createClaimStore(mongo.db, audits)
  const stock = createStockStore(mongo.db)
  const coupons = createCouponStore(mongo.db, audits)
  const counts = createCounts(claims.countHeld)

  const evidence = createEvidenceReader(activities, createSnapshotStore(mongo.db))
  const assessor = createAssessor(events, evidence)
  const sweeper = createSweeper({ claims, coupons, events, stock, log: app.log })
  app.addHook('onReady', async () => { sweeper.start() })
  app.addHook('onClose', sweeper.close)

  addHealth(app, { mongodb: mongo.ping })
  await app.register(eventRoutes, { events, counts, defaultTimeZone: config.TIME_ZONE })
  await app.register(rewardRoutes, { events, counts })
  await app.register(couponRoutes, { events, coupons })
  await app.register(statsRoutes, { events, claims })
  await app.register(claimRoutes, { claims, ask: createClaiming({ assessor, claims, stock, coupons }) })
  await app.register(progressRoutes, { events, progress: createProgress({ assessor, evidence, claims, stock }) })
  await app.register(reviewRoutes, { claims, stock })
  await app.register(walletRoutes, { claims })
  await app.register(activityRoutes, { activities })
  await app.register(auditRoutes, { audits })
  return app
}
