import { contracts, type CallerRole } from '@laurel/shared/contracts'
import t from 'tap'
import { createCall, type Answer } from '../kit/http/client.ts'
import { sharedPlatform } from '../kit/servers/shared-platform.ts'
import { signAs } from '../kit/tokens/sign-as.ts'

// Written by hand, so that a change of access needs this second, visible edit.
// U = USER, O = OPERATOR, A = AUDITOR, D = ADMIN, S = SERVICE, P = public.
// I = internal (service token) and N = private (no token): the gateway mounts neither.
const matrix: Readonly<Record<string, string>> = {
  register: 'P',
  login: 'P',
  refresh: 'P',
  logout: 'UOAD',
  authStatus: 'P',
  issueClientToken: 'P',
  jwks: 'P',
  getMe: 'UOAD',
  updateMe: 'UOAD',
  deleteMe: 'UOAD',
  changePassword: 'UOAD',
  listMySessions: 'UOAD',
  endMySession: 'UOAD',
  listRevocations: 'N',
  getAccountStatus: 'N',
  lookupUsers: 'N',
  listUsers: 'OD',
  getUser: 'OD',
  updateUser: 'D',
  putUser: 'S',
  startUserSession: 'S',
  eraseUser: 'DS',
  createClient: 'D',
  listClients: 'D',
  rotateClientSecret: 'D',
  deleteClient: 'D',
  listAccountAudit: 'D',
  createEvent: 'OD',
  listEvents: 'UOAD',
  getEvent: 'UOAD',
  updateEvent: 'OD',
  deleteEvent: 'OD',
  cloneEvent: 'OD',
  evaluateEvent: 'OD',
  simulateEvent: 'OD',
  getEventStats: 'OAD',
  addReward: 'OD',
  listRewards: 'UOAD',
  getReward: 'UOAD',
  updateReward: 'OD',
  deleteReward: 'OD',
  addCouponCodes: 'OD',
  claim: 'UD',
  claimMany: 'UD',
  getMyProgress: 'UD',
  listMyEvents: 'UD',
  listMyClaims: 'UD',
  listClaims: 'OAD',
  getClaim: 'UOAD',
  approveClaim: 'OD',
  rejectClaim: 'OD',
  reviewClaims: 'OD',
  revokeClaim: 'D',
  revokeClaims: 'D',
  acknowledgeDelivery: 'SD',
  grantRewards: 'OD',
  exportClaims: 'OAD',
  getStats: 'OAD',
  getPause: 'OAD',
  setPause: 'D',
  getMyWallet: 'UD',
  listMyLedger: 'UD',
  listMyCoupons: 'UD',
  getWallet: 'OAD',
  ingestActivities: 'SD',
  listActivities: 'OD',
  createWebhook: 'D',
  listWebhooks: 'D',
  deleteWebhook: 'D',
  listDeliveries: 'D',
  redeliver: 'D',
  listEventAudit: 'D',
  ingestInternalActivities: 'I',
  ingestErasure: 'I'
}

const letters: Readonly<Record<CallerRole, string>> = {
  USER: 'U', OPERATOR: 'O', AUDITOR: 'A', ADMIN: 'D', SERVICE: 'S'
}
const callers = Object.keys(letters) as CallerRole[]

t.test('the matrix and the contracts name the same operations', async t => {
  const names = contracts.map(({ operationId }) => operationId)
  t.same(names.filter(name => matrix[name] === undefined), [], 'add their lines to `matrix`')
  t.same(Object.keys(matrix).filter(name => !names.includes(name)), [], 'remove their lines from `matrix`')
})

t.test('every role may call exactly the operations of the matrix, at the gateway and at the service alike', async t => {
  const { urls, env } = await sharedPlatform()
  const entries = { 'auth-service': createCall(urls.auth), 'event-service': createCall(urls.event) }
  const atGateway = createCall(urls.gateway)
  const tokens = new Map(callers.map(role => [role, signAs(env['DATA_DIR'] ?? '', role)]))

  for (const { operationId, service, method, url } of contracts) {
    const allowed = matrix[operationId]
    if (allowed === undefined) continue
    const path = url.replaceAll(/:[A-Za-z]+/g, 'does-not-exist')
    // No operation accepts this body, so no request changes anything.
    const body = method === 'GET' ? {} : { body: { unknown: true } }
    const atService = entries[service]

    await t.test(`${operationId}: ${allowed}`, async t => {
      if (allowed === 'I') {
        t.match(await atGateway(method, path, body), { status: 404 }, 'not mounted at the gateway')
        for (const token of tokens.values()) t.match(await atService(method, path, { ...body, token }), { status: 401 })
        return
      }
      if (allowed === 'N') {
        t.match(await atGateway(method, path, body), { status: 404 }, 'not mounted at the gateway')
        const { status } = await atService(method, path, body)
        t.ok([200, 400, 404].includes(status), 'the service answers without a token')
        return
      }
      const anonymous = await atGateway(method, path, body)
      t.equal(anonymous.status === 401, allowed !== 'P', 'without a token')
      const direct = await atService(method, path, body)
      const same = 'the service gives the same status without a token; if it is 404 or 405, there is no handler'
      t.equal(direct.status, anonymous.status, same)

      await Promise.all(callers.map(async role => {
        const token = tokens.get(role) ?? ''
        const [answer, direct] = await Promise.all([atGateway, atService].map(async send =>
          await send(method, path, { ...body, token }))) as [Answer, Answer]
        if (allowed === 'P' || allowed.includes(letters[role])) {
          t.notOk([401, 403, 405, 500, 502].includes(answer.status), `${role} is allowed (${answer.status})`)
        } else {
          t.match(answer, { status: 403, body: { code: 'FORBIDDEN' } }, `${role} is not allowed`)
        }
        t.same(withoutRequestId(direct.body), withoutRequestId(answer.body), `the service agrees for ${role}`)
        t.equal(direct.status, answer.status)
      }))
    })
  }
})

t.test('404: an operation without a contract does not exist', async t => {
  const { call, urls, admin } = await sharedPlatform()
  const unknown = [
    ['GET', '/v1'], ['POST', '/v1/nothing'], ['POST', '/internal/activities'], ['GET', '/metrics'],
    ['GET', '/v1/users/me/claims/x']
  ] as const
  for (const [method, path] of unknown) {
    t.match(await call(method, path, { token: admin.token }), { status: 404, body: { code: 'NOT_FOUND' } }, path)
  }
  const atOtherService = await createCall(urls.event)('GET', '/v1/users', { token: admin.token })
  t.match(atOtherService, { status: 404 }, 'a service has its own operations only')
})

function withoutRequestId (body: { requestId?: string, asOf?: string }): object {
  return { ...body, requestId: undefined }
}
