import type { Address, OperationId } from './types.ts'

/** The address of every operation. The compiler compares it with the contracts. */
export const addresses: { readonly [Id in OperationId]: Address<Id> } = {
  register: 'POST /v1/auth/register',
  login: 'POST /v1/auth/login',
  refresh: 'POST /v1/auth/refresh',
  logout: 'POST /v1/auth/logout',
  authStatus: 'GET /v1/auth/status',
  issueClientToken: 'POST /v1/auth/token',
  jwks: 'GET /.well-known/jwks.json',
  getMe: 'GET /v1/users/me',
  updateMe: 'PATCH /v1/users/me',
  deleteMe: 'POST /v1/users/me/delete',
  changePassword: 'PUT /v1/users/me/password',
  listMySessions: 'GET /v1/users/me/sessions',
  endMySession: 'DELETE /v1/users/me/sessions/:sessionId',
  listUsers: 'GET /v1/users',
  getUser: 'GET /v1/users/:userId',
  updateUser: 'PATCH /v1/users/:userId',
  putUser: 'PUT /v1/users/:userId',
  startUserSession: 'POST /v1/users/:userId/sessions',
  eraseUser: 'POST /v1/users/:userId/erase',
  createClient: 'POST /v1/clients',
  listClients: 'GET /v1/clients',
  rotateClientSecret: 'POST /v1/clients/:clientId/secret',
  deleteClient: 'DELETE /v1/clients/:clientId',
  listAccountAudit: 'GET /v1/audit/accounts',
  createEvent: 'POST /v1/events',
  listEvents: 'GET /v1/events',
  getEvent: 'GET /v1/events/:eventId',
  updateEvent: 'PATCH /v1/events/:eventId',
  deleteEvent: 'DELETE /v1/events/:eventId',
  cloneEvent: 'POST /v1/events/:eventId/clone',
  evaluateEvent: 'POST /v1/events/:eventId/evaluate',
  simulateEvent: 'POST /v1/events/:eventId/simulate',
  getEventStats: 'GET /v1/events/:eventId/stats',
  addReward: 'POST /v1/events/:eventId/rewards',
  listRewards: 'GET /v1/events/:eventId/rewards',
  getReward: 'GET /v1/events/:eventId/rewards/:rewardId',
  updateReward: 'PATCH /v1/events/:eventId/rewards/:rewardId',
  deleteReward: 'DELETE /v1/events/:eventId/rewards/:rewardId',
  addCouponCodes: 'POST /v1/events/:eventId/rewards/:rewardId/codes',
  claim: 'POST /v1/events/:eventId/claims',
  claimMany: 'POST /v1/users/me/claims',
  getMyProgress: 'GET /v1/events/:eventId/progress',
  listMyEvents: 'GET /v1/users/me/events',
  listMyClaims: 'GET /v1/users/me/claims',
  listClaims: 'GET /v1/claims',
  getClaim: 'GET /v1/claims/:claimId',
  approveClaim: 'POST /v1/claims/:claimId/approve',
  rejectClaim: 'POST /v1/claims/:claimId/reject',
  reviewClaims: 'POST /v1/claims/review',
  revokeClaim: 'POST /v1/claims/:claimId/revoke',
  revokeClaims: 'POST /v1/claims/revoke',
  exportClaims: 'GET /v1/claims/export',
  getStats: 'GET /v1/stats',
  getPause: 'GET /v1/pause',
  setPause: 'PUT /v1/pause',
  acknowledgeDelivery: 'POST /v1/claims/:claimId/delivery',
  grantRewards: 'POST /v1/events/:eventId/grants',
  getMyWallet: 'GET /v1/users/me/wallet',
  listMyLedger: 'GET /v1/users/me/ledger',
  listMyCoupons: 'GET /v1/users/me/coupons',
  getWallet: 'GET /v1/users/:userId/wallet',
  ingestActivities: 'POST /v1/activities',
  listActivities: 'GET /v1/users/:userId/activities',
  createWebhook: 'POST /v1/webhooks',
  listWebhooks: 'GET /v1/webhooks',
  deleteWebhook: 'DELETE /v1/webhooks/:webhookId',
  listDeliveries: 'GET /v1/webhooks/:webhookId/deliveries',
  redeliver: 'POST /v1/webhooks/:webhookId/deliveries/:deliveryId/redeliver',
  listEventAudit: 'GET /v1/audit/events'
}

/** The operations that accept an `Idempotency-Key`. */
export const keyed = new Set<OperationId>([
  'createEvent', 'addReward', 'claim', 'approveClaim', 'rejectClaim', 'reviewClaims', 'grantRewards'
])

/** The query parameters of operations that also send a body. */
export const queryNames: { readonly [Id in OperationId]?: readonly string[] } = {
  grantRewards: ['dryRun'], ingestActivities: ['dryRun'], simulateEvent: ['users']
}

// The platform recognizes repeated activities by their ids, and accepts a repeated refresh token for 10 seconds.
const safe = new Set<OperationId>(['ingestActivities', 'refresh', 'evaluateEvent', 'simulateEvent'])

/** Returns `true` if repeating the operation has no further effect. */
export function isSafeToRepeat (id: OperationId, method: string): boolean {
  return /^(GET|PUT|DELETE)$/.test(method) || keyed.has(id) || safe.has(id)
}
