import * as activities from './activities.ts'
import * as audits from './audits.ts'
import * as auth from './auth.ts'
import * as claims from './claims.ts'
import * as clients from './clients.ts'
import * as deliveries from './deliveries.ts'
import * as erasures from './erasures.ts'
import * as events from './events.ts'
import * as grants from './grants.ts'
import * as me from './me.ts'
import * as pause from './pause.ts'
import * as reviews from './reviews.ts'
import * as revocations from './revocations.ts'
import * as rewards from './rewards.ts'
import type { RouteContract } from './route.ts'
import * as settlement from './settlement.ts'
import * as sessions from './sessions.ts'
import * as users from './users.ts'
import * as wallets from './wallets.ts'
import * as webhooks from './webhooks.ts'

/** Every operation of the platform, in the order of the documentation. */
export const contracts: readonly RouteContract[] = [
  auth.register,
  auth.login,
  auth.refresh,
  auth.logout,
  auth.authStatus,
  auth.issueClientToken,
  auth.jwks,
  me.getMe,
  me.updateMe,
  me.deleteMe,
  me.changePassword,
  sessions.listMySessions,
  sessions.endMySession,
  sessions.listRevocations,
  users.listUsers,
  users.getUser,
  users.updateUser,
  users.putUser,
  users.startUserSession,
  users.eraseUser,
  users.getAccountStatus,
  users.lookupUsers,
  clients.createClient,
  clients.listClients,
  clients.rotateClientSecret,
  clients.deleteClient,
  audits.listAccountAudit,
  events.createEvent,
  events.listEvents,
  events.getEvent,
  events.updateEvent,
  events.deleteEvent,
  events.cloneEvent,
  events.evaluateEvent,
  events.simulateEvent,
  events.getEventStats,
  rewards.addReward,
  rewards.listRewards,
  rewards.getReward,
  rewards.updateReward,
  rewards.deleteReward,
  rewards.addCouponCodes,
  claims.claim,
  claims.claimMany,
  claims.getMyProgress,
  claims.listMyEvents,
  claims.listMyClaims,
  claims.listClaims,
  claims.getClaim,
  reviews.approveClaim,
  reviews.rejectClaim,
  reviews.reviewClaims,
  revocations.revokeClaim,
  revocations.revokeClaims,
  deliveries.acknowledgeDelivery,
  grants.grantRewards,
  settlement.exportClaims,
  settlement.getStats,
  pause.getPause,
  pause.setPause,
  wallets.getMyWallet,
  wallets.listMyLedger,
  wallets.listMyCoupons,
  wallets.getWallet,
  activities.ingestActivities,
  activities.listActivities,
  activities.ingestInternalActivities,
  erasures.ingestErasure,
  webhooks.createWebhook,
  webhooks.listWebhooks,
  webhooks.deleteWebhook,
  webhooks.listDeliveries,
  webhooks.redeliver,
  audits.listEventAudit
]

/** The operations that clients reach through the gateway. */
export const publicContracts = contracts.filter(({ access }) => access !== 'internal' && access !== 'private')

export {
  activities, audits, auth, claims, clients, deliveries, erasures, events, grants, me, pause, reviews, revocations,
  rewards, sessions, settlement, users, wallets, webhooks
}
export * from './errors/index.ts'
export * from './roles.ts'
export * from './route.ts'
export * from './schemas/index.ts'
