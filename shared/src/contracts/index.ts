import * as activities from './activities.ts'
import * as audits from './audits.ts'
import * as auth from './auth.ts'
import * as claims from './claims.ts'
import * as clients from './clients.ts'
import * as events from './events.ts'
import * as rewards from './rewards.ts'
import type { RouteContract } from './route.ts'
import * as users from './users.ts'
import * as wallets from './wallets.ts'

/** Every operation of the platform, in the order of the docs. */
export const contracts: readonly RouteContract[] = [
  auth.register, auth.login, auth.issueClientToken, auth.jwks,
  users.getMe, users.listUsers, users.getUser, users.updateUser,
  clients.createClient,
  events.createEvent, events.listEvents, events.getEvent, events.updateEvent, events.evaluateEvent, events.getEventStats,
  rewards.addReward, rewards.listRewards, rewards.getReward, rewards.updateReward, rewards.addCouponCodes,
  claims.claim, claims.getMyProgress, claims.listMyEvents, claims.listMyClaims, claims.listClaims, claims.getClaim,
  claims.approveClaim, claims.rejectClaim,
  wallets.getMyWallet, wallets.listMyLedger, wallets.listMyCoupons, wallets.getWallet,
  activities.ingestActivities, activities.listActivities, activities.ingestInternalActivities,
  audits.listEventAudit
]

/** The ones that a client reaches through the gateway. */
export const publicContracts = contracts.filter(contract => contract.access !== 'internal')

export { activities, audits, auth, claims, clients, events, rewards, users, wallets }
export * from './common.ts'
export * from './roles.ts'
export * from './route.ts'
export type { Activity, NewActivity, Ingestion } from './activities.ts'
export type { Registration } from './auth.ts'
export type { Claim, ClaimStatus, GrantedReward } from './claims.ts'
export type { AuditEntry } from './audits.ts'
export { maxLeaves, type Condition, type ConditionText, type Leaf, type Progress, type Scalar, type Where } from './conditions.ts'
export type { EventPatch, EventStats, EventSummary, NewEvent, RewardEvent } from './events.ts'
export type { NewReward, Reward, RewardPatch } from './rewards.ts'
export type { User } from './users.ts'
export type { Coupon, LedgerEntry, Wallet } from './wallets.ts'
