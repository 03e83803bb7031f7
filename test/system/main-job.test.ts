import t from 'tap'
import { refusalOf } from '../kit/http/laurel.ts'
import { startedEvent } from '../kit/servers/events.ts'
import { sharedPlatform } from '../kit/servers/shared-platform.ts'

t.test('an operator defines an event, and a user who meets its condition gets the reward once', async t => {
  const { signIn } = await sharedPlatform()
  const { client: operator } = await signIn('OPERATOR')
  const { client: auditor } = await signIn('AUDITOR')
  const { client: laurel, user: { id: userId } } = await signIn('USER')
  const { id: eventId } = await operator.createEvent(startedEvent({
    aggregation: 'count', activity: 'user.login', target: 1
  }))

  const claim = await laurel.claim({ eventId })
  t.match(claim, {
    status: 'GRANTED', userId, rewards: [{ type: 'POINT', amount: 500 }], progress: { current: 1, met: true }
  })
  t.match(await refusalOf(laurel.claim({ eventId })), {
    status: 409, code: 'ALREADY_CLAIMED', claim: { id: claim.id, status: 'GRANTED' }
  })
  t.match(await laurel.getMyWallet(), { points: 500 })
  t.match(await auditor.listClaims({ userId }), {
    data: [{ id: claim.id, history: [{ to: 'GRANTED', by: userId }] }]
  })
})
