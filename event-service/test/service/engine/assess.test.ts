import t from 'tap'
import { createAssessor } from '../../../src/engine/assess.ts'
import type { DecisionRequest } from '../../../src/engine/decision-request.ts'
import { createEvidenceReader } from '../../../src/engine/evidence.ts'
import { Deferred } from '../../../src/engine/group-commit.ts'
import { createStores } from '../../../src/stores/index.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, db } = await sharedEventService()
const stores = createStores(db, () => undefined)

t.test('a history that was read for another day is read again', async t => {
  const condition = { aggregation: 'count', activity: 'quest.cleared', target: 1 } as const
  const eventId = await activeEvent(call, as('OPERATOR'), condition)
  const { assess } = createAssessor(stores.events, createEvidenceReader(stores.activities, stores.snapshots))
  const history = { key: 'of yesterday', evidence: { activities: [] } }
  const request: DecisionRequest = { eventId, userId: newUserId(), role: 'USER', history }
  const [assessment] = await assess([request], new Date())
  if (!(assessment instanceof Deferred)) throw new Error('the request is not deferred')

  const resumed = await assessment.resume()
  t.hasStrict(resumed, { history: { evidence: { activities: [] } } })
  t.not(resumed.history?.key, 'of yesterday')
  t.hasStrict(await assess([resumed], new Date()), [{ type: 'decided', decision: { refusal: 'CONDITIONS_NOT_MET' } }])
})

t.test('a history is read again if the event no longer has a condition', async t => {
  const eventId = await activeEvent(call, as('OPERATOR'))
  const { assess } = createAssessor(stores.events, createEvidenceReader(stores.activities, stores.snapshots))
  const history = { key: 'of the condition before', evidence: { activities: [] } }
  const [assessment] = await assess([{ eventId, userId: newUserId(), role: 'USER', history }], new Date())
  if (!(assessment instanceof Deferred)) throw new Error('the request is not deferred')
  const decided = await assess([await assessment.resume()], new Date())
  t.hasStrict(decided, [{ type: 'decided', decision: { status: 'GRANTED', progress: null } }])
})

t.test('a request whose evidence cannot be read fails alone', async t => {
  const operator = as('OPERATOR')
  const condition = { aggregation: 'count', activity: 'quest.cleared', target: 1 } as const
  const eventIds = [await activeEvent(call, operator, condition), await activeEvent(call, operator)]
  const away = { ...stores.activities, ofUsers: async () => { throw new Error('away') } }
  const { assess } = createAssessor(stores.events, createEvidenceReader(away, stores.snapshots))
  const requests = eventIds.map((eventId): DecisionRequest => ({ eventId, userId: newUserId(), role: 'USER' }))
  t.match(await assess(requests, new Date()), [{ type: 'failed', error: { message: 'away' } }, { type: 'decided' }])
})

t.test('a request whose period cannot be computed fails alone', async t => {
  const eventId = await activeEvent(call, as('OPERATOR'))
  const { assess } = createAssessor(stores.events, createEvidenceReader(stores.activities, stores.snapshots))
  const request: DecisionRequest = { eventId, userId: newUserId(), role: 'OPERATOR' }
  const manualGrant = { get period (): never { throw new RangeError('Invalid time value') } }
  const broken = { ...request, manualGrant } as unknown as DecisionRequest
  t.match(await assess([broken, request], new Date()), [{ type: 'failed', error: RangeError }, { type: 'decided' }])
})
