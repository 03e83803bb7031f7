import type { Collection } from 'mongodb'
import { mock } from 'node:test'
import t from 'tap'
import { createReviewClaim } from '../../../src/flows/review-claim.ts'
import { createRecordClaims } from '../../../src/stores/claim-record.ts'
import type { ClaimDocument } from '../../../src/stores/claim-documents.ts'
import { createStores } from '../../../src/stores/index.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'
import { grantTo } from '../../support/attempts.ts'

const { call, db } = await sharedEventService()
const claims = db.collection<ClaimDocument>('claims')
const stores = createStores(db, () => undefined)
const message = 'The decision took too long; retry after 1 second.'
const tooLate = { kind: 'unavailable', code: 'SERVICE_UNAVAILABLE', message }

const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1000)

t.test('503: a decision is written up to 30 s after it was made', async t => {
  const [early, late] = [grantTo(newUserId(), ago(29)), grantTo(newUserId(), ago(31))]
  t.match(await stores.claims.record([[early]]), [{ type: 'accepted' }])
  await t.rejects(stores.claims.record([[late]]), tooLate)
  t.equal(await claims.countDocuments({ userId: late.userId }), 0)
})

t.test('503: a refused claim stays refused if the decision to grant it became too old during the insert', async t => {
  const userId = newUserId()
  await stores.claims.record([[{ ...grantTo(userId), status: 'FAILED', refusal: 'CONDITIONS_NOT_MET' }]])
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  t.teardown(() => { mock.timers.reset() })
  const slow = Object.create(claims, {
    insertMany: {
      value: async (...rows: Parameters<typeof claims.insertMany>) => {
        mock.timers.tick(31_000)
        return await claims.insertMany(...rows)
      }
    }
  }) as Collection<ClaimDocument>
  t.match(await createRecordClaims(slow)([[grantTo(userId)]]), [{ type: 'failed', error: tooLate }])
  t.match(await claims.findOne({ userId }), { status: 'FAILED' })
})

t.test('503: a review is written up to 30 s after it was made', async t => {
  const operator = as('OPERATOR')
  const eventId = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })
  const { body: { id } } = await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER') })
  const review = createReviewClaim({ ...stores, isActive: async () => true })
  const approve = async (secondsAgo: number) => await review(id, {
    to: 'GRANTED',
    at: ago(secondsAgo),
    reviewer: { id: newUserId(), role: 'OPERATOR', requestId: 'r' }
  })
  await t.rejects(approve(31), tooLate)
  t.match(await claims.findOne({ _id: id }), { status: 'PENDING' })
  t.equal(await db.collection<Row>('audits').countDocuments({ targetId: id }), 0)
  t.match(await approve(29), { kind: 'decided', claim: { status: 'GRANTED' } })
})
