import t from 'tap'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, atOnce, countByStatus, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'

t.test('review', async t => {
  const { call, db, did, accounts } = await sharedEventService()
  const operatorId = newUserId()
  const operator = as('OPERATOR', operatorId)
  const eventId = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })

  async function pending (event = eventId) {
    const userId = newUserId()
    const token = as('USER', userId)
    const { status, body } = await call('POST', `/v1/events/${event}/claims`, { token })
    t.match({ status, body }, { status: 201, body: { status: 'PENDING', history: [{ from: null, to: 'PENDING' }] } })
    return { userId, token, id: body.id as string }
  }
  const approve = async (id: string, options = {}) =>
    await call('POST', `/v1/claims/${id}/approve`, { token: operator, ...options })
  const reject = async (id: string, options: object = { body: { reason: 'a bot' } }) =>
    await call('POST', `/v1/claims/${id}/reject`, { token: operator, ...options })

  t.test('201 PENDING: an approval credits the wallet, and the history shows who, when and why', async t => {
    const { id, token, userId } = await pending()
    t.match(await call('POST', `/v1/events/${eventId}/claims`, { token }), {
      status: 409,
      body: { code: 'ALREADY_CLAIMED', claim: { status: 'PENDING' } }
    })
    t.match((await call('GET', '/v1/users/me/wallet', { token })).body, { points: 0 })

    const { status, body } = await approve(id, { body: { note: 'checked' } })
    t.equal(status, 200)
    t.match(body, {
      id,
      status: 'GRANTED',
      history: [
        { to: 'PENDING', by: userId },
        { from: 'PENDING', to: 'GRANTED', by: operatorId, role: 'OPERATOR', note: 'checked' }
      ]
    })
    t.match((await call('GET', '/v1/users/me/wallet', { token })).body, { points: 500 })
    const mine = await call('GET', `/v1/claims/${id}`, { token })
    t.notOk(JSON.stringify(mine.body).includes(operatorId), 'the user does not see who decided')
    t.notOk(JSON.stringify(mine.body).includes('checked'), 'the user does not see the note of the approval')
    t.equal(mine.body.grantedAt, body.history[1].at, 'it was granted when it was approved')
  })

  t.test('200 REJECTED: a rejection has a reason and is final for its period', async t => {
    const { id, token } = await pending()
    t.match(await reject(id), {
      status: 200,
      body: { status: 'REJECTED', history: [{}, { from: 'PENDING', to: 'REJECTED', note: 'a bot' }] }
    })
    t.match(await call('POST', `/v1/events/${eventId}/claims`, { token }), {
      status: 409,
      body: { code: 'CLAIM_REJECTED', claim: { history: [{}, { note: 'a bot' }] } }
    })
    t.match((await call('GET', `/v1/events/${eventId}/progress`, { token })).body, {
      eligible: false,
      code: 'CLAIM_REJECTED'
    })
    t.match((await call('GET', '/v1/users/me/wallet', { token })).body, { points: 0 })
  })

  t.test('400: a rejection needs a reason, and unknown properties are rejected', async t => {
    const { id } = await pending()
    for (const body of [{}, { reason: ' ' }, { reason: 'x', note: 'y' }]) {
      t.equal((await reject(id, { body })).status, 400)
    }
    t.equal((await approve(id, { body: { reason: 'x' } })).status, 400)
    t.equal((await approve(id)).status, 200, 'a note is optional')
  })

  t.test('409 ALREADY_DECIDED: eight concurrent reviews result in one decision', async t => {
    for (let round = 0; round < 5; round++) {
      const { id } = await pending()
      const answers = await atOnce(8, async n => {
        const token = as('OPERATOR')
        return n % 2 === 0
          ? await call('POST', `/v1/claims/${id}/approve`, { token })
          : await call('POST', `/v1/claims/${id}/reject`, { token, body: { reason: 'a bot' } })
      })
      t.same(countByStatus(answers), { 200: 1, 409: 7 })
      t.ok(answers.filter(({ status }) => status === 409).every(({ body }) => body.code === 'ALREADY_DECIDED'))
      const decided = answers.find(({ status }) => status === 200)?.body
      t.match((await call('GET', `/v1/claims/${id}`, { token: operator })).body, {
        status: decided.status,
        history: [{}, { to: decided.status }]
      })
      t.equal(await db.collection('audits').countDocuments({ targetId: id }), 1, 'one audit entry')
    }
  })

  t.test('403 SELF_REVIEW: reviewers cannot review their own claims', async t => {
    const adminId = newUserId()
    const admin = as('ADMIN', adminId)
    const { body: { id } } = await call('POST', `/v1/events/${eventId}/claims`, { token: admin })
    t.match(await call('POST', `/v1/claims/${id}/approve`, { token: admin }), {
      status: 403,
      body: { code: 'SELF_REVIEW' }
    })
    t.match(await call('POST', `/v1/claims/${id}/reject`, { token: admin, body: { reason: 'x' } }), {
      status: 403,
      body: { code: 'SELF_REVIEW' }
    })
    t.equal((await approve(id)).status, 200)
  })

  t.test('409 USER_NOT_ACTIVE: a claim of a disabled or deleted account can only be rejected', async t => {
    for (const state of ['DISABLED', 'gone', 'silent']) {
      const { id, userId, token } = await pending()
      accounts.set(userId, state)
      t.match(
        await approve(id),
        state === 'silent' ? { status: 503 } : { status: 409, body: { code: 'USER_NOT_ACTIVE' } },
        state
      )
      t.match((await call('GET', `/v1/claims/${id}`, { token })).body, { status: 'PENDING' })
      t.equal((await reject(id)).status, 200)
    }
  })

  t.test('200: a claim is approved or rejected after its event has ended or was deactivated', async t => {
    const deactivate = async (id: string) =>
      await call('PATCH', `/v1/events/${id}`, { token: operator, body: { status: 'INACTIVE' } })
    const end = async (id: string) =>
      await db.collection<{ _id: string }>('events').updateOne({ _id: id }, { $set: { endsAt: new Date() } })
    for (const [code, stop] of [['EVENT_INACTIVE', deactivate], ['EVENT_ENDED', end]] as const) {
      const stopped = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })
      const approved = await pending(stopped)
      const rejected = await pending(stopped)
      await stop(stopped)
      const late = await call('POST', `/v1/events/${stopped}/claims`, { token: as('USER') })
      t.match(late, { status: 409, body: { code } })
      t.match(await approve(approved.id), { status: 200, body: { status: 'GRANTED' } }, code)
      t.match((await call('GET', '/v1/users/me/wallet', { token: approved.token })).body, { points: 500 })
      t.match(await reject(rejected.id), { status: 200, body: { status: 'REJECTED' } }, code)
    }
  })

  t.test('404: a missing claim; 409: a claim that was never pending', async t => {
    t.match(await approve('nothing'), { status: 404, body: { code: 'CLAIM_NOT_FOUND' } })
    const reviewed = await activeEvent(
      call,
      operator,
      { aggregation: 'count', activity: 'quest.cleared', target: 1 },
      undefined,
      { grantMode: 'REVIEW' }
    )
    const userId = newUserId()
    const token = as('USER', userId)
    await call('POST', `/v1/events/${reviewed}/claims`, { token })
    const { body: { data: [failed] } } = await call('GET', '/v1/users/me/claims', { token })
    t.match(await approve(failed.id), { status: 409, body: { code: 'ALREADY_DECIDED', claim: { status: 'FAILED' } } })

    await did(userId, 'quest.cleared')
    t.match(await call('POST', `/v1/events/${reviewed}/claims`, { token }), {
      status: 201,
      body: {
        id: failed.id,
        status: 'PENDING',
        attempts: 2,
        history: [{ to: 'FAILED' }, { from: 'FAILED', to: 'PENDING' }]
      }
    })
  })

  t.test('200: a reviewer who retries with the same Idempotency-Key gets the same success', async t => {
    const { id } = await pending()
    const headers = { 'idempotency-key': 'try-1' }
    t.equal((await approve(id, { headers })).headers.get('idempotent-replayed'), null)
    const again = await approve(id, { headers })
    t.equal(again.status, 200)
    t.equal(again.headers.get('idempotent-replayed'), 'true')
    t.equal(again.body.history.length, 2)
    t.equal((await approve(id, { headers: { 'idempotency-key': 'try-2' } })).status, 409)
    t.equal(
      (await call('POST', `/v1/claims/${id}/approve`, { token: as('OPERATOR'), headers })).status,
      409,
      'a key belongs to its caller'
    )
    t.equal((await reject(id, { headers, body: { reason: 'x' } })).status, 409, 'a key belongs to its URL')
  })

  t.test('200: the rewards show how many units pending claims hold', async t => {
    const held = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })
    const ids = await Promise.all(
      [1, 2, 3].map(
        async () => (await call('POST', `/v1/events/${held}/claims`, { token: as('USER') })).body.id as string
      )
    )
    await approve(ids[0] ?? '')
    const counted = async () => (await call('GET', `/v1/events/${held}`, { token: operator })).body.rewards[0]
    await eventually(async () => (await counted()).granted === 1)
    t.match(await counted(), { granted: 1, held: 2, remaining: null })
  })
})
