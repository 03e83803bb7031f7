import type { LoadContext, Operation } from './load.ts'

const sender = 'game-server'

interface SentActivity {
  readonly id: string
  readonly userId: string
  readonly type: string
  readonly value?: number
}

/** How many activities are remembered to be sent again. */
const remembered = 500

/** A machine client reports activities, some of them twice. */
export function ingestActivities ({ client, users, acknowledged }: LoadContext): Operation {
  let made = 0
  const earlier: SentActivity[] = []
  return async random => {
    const fresh = Array.from({ length: random.between(1, 20) }, (): SentActivity => {
      const isQuest = random.chance(0.6)
      return {
        id: `a-${made++}`,
        userId: `user-${random.below(users)}`,
        type: isQuest ? 'quest.cleared' : 'game.scored',
        // Quarters add up without rounding.
        ...(isQuest ? {} : { value: random.between(1, 100) / 4 })
      }
    })
    const repeated = earlier.length > 0 && random.chance(0.3)
      ? Array.from({ length: random.between(1, 10) }, () => random.pick(earlier))
      : []
    const activities = [...fresh, ...repeated]
    earlier.splice(0, earlier.length + fresh.length - remembered)
    earlier.push(...fresh)
    const ids = activities.map(({ userId, id }) => `${userId}:${sender}:${id}`)
    for (const id of ids) acknowledged.sentActivities.add(id)

    const response = await client({
      method: 'POST', path: '/v1/activities', role: 'SERVICE', sub: sender, body: { activities }, expected: [200]
    }, random)
    if (response?.status !== 200) return
    for (const id of ids) acknowledged.activities.add(id)
    const { accepted, duplicates, rejected } = response.body
    acknowledged.accepted += accepted
    if (accepted + duplicates !== ids.length || rejected.length > 0) {
      acknowledged.unexpected.push(`of ${ids.length} activities ${accepted} were accepted, ` +
        `${duplicates} were duplicates and ${rejected.length} were rejected`)
    }
  }
}

export function readProgress ({ client, events, users }: LoadContext): Operation {
  return async random => {
    const path = `/v1/events/${random.pick(events).id}/progress`
    await client({ method: 'GET', path, role: 'USER', sub: `user-${random.below(users)}`, expected: [200] }, random)
  }
}
