import { DomainError } from '@laurel/shared/errors'
import t from 'tap'
import { newEvent } from '../../../src/domain/event-changes.ts'
import { checkRewardCanBeAdded } from '../../../src/domain/reward-changes.ts'
import { newReward } from '../../../src/domain/reward.ts'

const dates = { startsAt: '2026-11-01T00:00:00Z', endsAt: '2026-12-01T00:00:00Z' }
const event = newEvent({ name: 'An event', ...dates }, 'UTC', new Date())

/** Returns a reward whose attributes have this many bytes as JSON. */
function rewardOf (bytes: number) {
  const attributes: Record<string, string> = {}
  // `{"aa":"…","ab":"…"}`: seven bytes around each value, and one for the last brace.
  for (let left = bytes - 1; left > 0; left -= 1000) {
    attributes[`a${Object.keys(attributes).length}`] = 'x'.repeat(Math.min(left, 1000) - 8)
  }
  return newReward({ type: 'POINT', name: 'Points', amount: 1, attributes })
}

function pointerOf (action: () => void): string | undefined {
  try {
    action()
  } catch (error) {
    return error instanceof DomainError ? error.extras.errors?.[0]?.pointer : String(error)
  }
  return undefined
}

t.test('the attributes of a reward have at most 4 KiB as JSON, counted in bytes', async t => {
  t.equal(Buffer.byteLength(JSON.stringify(rewardOf(4096).attributes)), 4096)
  t.equal(pointerOf(() => rewardOf(4097)), '/attributes')
  const korean = { type: 'POINT' as const, name: 'Points', amount: 1 }
  const attributes = (length: number) => ({ a: '출'.repeat(700), b: '출'.repeat(length) })
  t.equal(pointerOf(() => newReward({ ...korean, attributes: attributes(600) })), undefined)
  t.equal(pointerOf(() => newReward({ ...korean, attributes: attributes(700) })), '/attributes')
})

t.test('the attributes of all rewards of an event have at most 16 KiB', async t => {
  const full = { ...event, rewards: [rewardOf(4096), rewardOf(4096), rewardOf(4096), rewardOf(4000)] }
  t.equal(pointerOf(() => { checkRewardCanBeAdded(full, rewardOf(96)) }), undefined)
  t.equal(pointerOf(() => { checkRewardCanBeAdded(full, rewardOf(97)) }), '/attributes')
})
