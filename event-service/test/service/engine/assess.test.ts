import t from 'tap'
import { createAuditStore } from '@laurel/shared/mongo'
import { createAssessor, type DecisionRequest } from '../../../src/engine/assess.ts'
import { createEvidenceReader } from '../../../src/engine/evidence.ts'
import { Deferred } from '../../../src/engine/group-commit.ts'
import { createActivityStore } from '../../../src/stores/activities.ts'
import { createEventStore } from '../../../src/stores/events.ts'
import { createSnapshotStore } from '../../../src/stores/snapshots.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, startEventService } from '../../../../test/kit/servers/event-service.ts'

const { call, db } = await startEventService(t)

t.test('a history that was read for another day is read again', async t => {
  const condition = { aggregation: 'count', activity: 'quest.cleared', target: 1 } as const
  const eventId = await activeEvent(call, as('OPERATOR'), condition)
  const events = createEventStore(db, createAuditStore(db, () => undefined))
  const { assess } = createAssessor(events, createEvidenceReader(createActivityStore(db), createSnapshotStore(db)))
  const history = { key: 'of yesterday', evidence: { activities: [] } }
  const request: DecisionRequest = { eventId, userId: newUserId(), role: 'USER', history }
  const [assessment] = await assess([request], new Date())
  if (!(assessment instanceof Deferred)) throw new Error('the request is not deferred')

  const resumed = await assessment.resume()
  t.hasStrict(resumed, { history: { evidence: { activities: [] } } })
  t.not(resumed.history?.key, 'of yesterday')
  t.hasStrict(await assess([resumed], new Date()), [{ type: 'decided', decision: { refusal: 'CONDITIONS_NOT_MET' } }])
})
