import type { Operation, Place } from './load.ts'

export const sender = 'game-server'

interface Sent {
  readonly id: string
  readonly userId: string
  readonly type: string
  readonly value?: number
}

/** Rows that are sent again later. */
const remembered = 500

/** A machine client tells what users did; some of it was told before, and what broke is told again. */
export function ingesting ({ client, users, acknowledged }: Place): Operation {
  let made = 0
  const before: Sent[] = []
  return async random => {
    const fresh = Array.from({ length: random.between(1, 20) }, (): Sent => {
      const isQuest = random.chance(0.6)
      return {
        id: `a-${made++}`,
        userId: `user-${random.below(users)}`,
        type: isQuest ? 'quest.cleared' : 'game.scored',
        // Quarters add up without rounding.
        ...(isQuest ? {} : { value: random.between(1, 100) / 4 })
      }
    })
    const again = before.length > 0 && random.chance(0.3) ? Array.from({ length: random.between(1, 10) }, () => random.pick(before)) : []
    const activities = [...fresh, ...again]
    before.splice(0, before.length + fresh.length - remembered)
    before.push(...fresh)
    const ids = activities.map(({ userId, id }) => `${userId}:${sender}:${id}`)
    for (const id of ids) acknowledged.sentActivities.add(id)

    const answer = await client({ method: 'POST', path: '/v1/activities', role: 'SERVICE', sub: sender, body: { activities }, expected: [200] }, random)
    if (answer?.status !== 200) return
    for (const id of ids) acknowledged.activities.add(id)
    const { accepted, duplicates, rejected } = answer.body
    acknowledged.accepted += accepted
    if (accepted + duplicates !== ids.length || rejected.length > 0) acknowledged.unexpected.push(`of ${ids.length} activities ${accepted} were accepted, ${duplicates} duplicates, ${rejected.length} rejected`)
  }
}

/** A user looks how far it is. */
export function looking ({ client, events, users }: Place): Operation {
  return async random => {
    await client({ method: 'GET', path: `/v1/events/${random.pick(events).id}/progress`, role: 'USER', sub: `user-${random.below(users)}`, expected: [200] }, random)
  }
}
