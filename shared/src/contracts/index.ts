import * as activities from './activities.ts'
import * as audits from './audits.ts'
import * as auth from './auth.ts'
import * as claims from './claims.ts'
import * as clients from './clients.ts'
import * as events from './events.ts'
import * as rewards from './rewards.ts'
import type { RouteContract } from './route.ts'
import * as sessions from './sessions.ts'
import * as users from './users.ts'
import * as wallets from './wallets.ts'
import * as webhooks from './webhooks.ts'

/** Every operation of the platform, in the order of the docs. */
export const contracts: readonly RouteContract[] = [
  auth.register, auth.login, auth.refresh, auth.logout, auth.authStatus, auth.issueClientToken, auth.jwks,
  users.getMe, users.updateMe, users.deleteMe, users.changePassword, sessions.listMySessions, sessions.endMySession, sessions.listRevocations,
  users.listUsers, users.getUser, users.updateUser, users.getAccountStatus,
  clients.createClient, clients.listClients, clients.deleteClient, audits.listAccountAudit,
  events.createEvent, events.listEvents, events.getEvent, events.updateEvent, events.evaluateEvent, events.getEventStats,
  rewards.addReward, rewards.listRewards, rewards.getReward, rewards.updateReward, rewards.addCouponCodes,
  claims.claim, claims.getMyProgress, claims.listMyEvents, claims.listMyClaims, claims.listClaims, claims.getClaim,
  claims.approveClaim, claims.rejectClaim,
  wallets.getMyWallet, wallets.listMyLedger, wallets.listMyCoupons, wallets.getWallet,
  activities.ingestActivities, activities.listActivities, activities.ingestInternalActivities,
  webhooks.createWebhook, webhooks.listWebhooks, webhooks.deleteWebhook, webhooks.listDeliveries, webhooks.redeliver,
  audits.listEventAudit
]

/** The ones that a client reaches through the gateway. */
export const publicContracts = contracts.filter(contract => contract.access !== 'internal' && contract.access !== 'private')

export { activities, audits, auth, claims, clients, events, rewards, sessions, users, wallets, webhooks }
export * from './common.ts'
export * from './roles.ts'
export * from './route.ts'
export type { Activity, NewActivity, Ingestion } from './activities.ts'
export type { Registration } from './auth.ts'
export type { Claim, ClaimStatus, GrantedReward } from './claims.ts'
export type { AccountAuditEntry, AuditEntry } from './audits.ts'
export type { Client } from './clients.ts'
export { maxLeaves, type Condition, type ConditionText, type Leaf, type Progress, type Scalar, type Where } from './conditions.ts'
export type { EventPatch, EventStats, EventSummary, NewEvent, RewardEvent } from './events.ts'
export type { NewReward, Reward, RewardPatch } from './rewards.ts'
export type { Revocations, Session } from './sessions.ts'
export type { User, UserPatch } from './users.ts'
export type { Coupon, LedgerEntry, Wallet } from './wallets.ts'
export type { Delivery, DeliveryStatus, Webhook, WebhookType } from './webhooks.ts'
