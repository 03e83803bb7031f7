import type { Random } from '../run/random.ts'
import { monthLength, monthStart } from './events.ts'

/** A player with individual habits. */
export interface Player {
  readonly id: string
  /** The probability that the player visits on a day. */
  readonly visits: number
  /** The probabilities of a purchase and of a quest on a visit. */
  readonly buys: number
  readonly quests: number
}

/** An activity to report. */
export interface PlayedActivity {
  readonly id: string
  readonly userId: string
  readonly type: string
  readonly occurredAt: string
  readonly value?: number
  readonly data?: Readonly<Record<string, string>>
}

const day = 86_400_000
const hour = 3_600_000
const questIds = ['dragon-cave', 'old-mill', 'north-gate', 'lost-ring', 'deep-mine', 'fair'] as const

export function planPlayers (random: Random, count: number, run: string): Player[] {
  return Array.from({ length: count }, (_, index) => {
    const own = random.fork(`player ${index}`)
    return {
      id: `player-${run}-${String(index).padStart(4, '0')}`,
      visits: own.pick([0.1, 0.3, 0.6, 0.9, 1]),
      buys: own.pick([0, 0.1, 0.4]),
      quests: own.pick([0, 0.1, 0.3])
    }
  })
}

/** Returns what a player does in the month that ends now. */
export function playMonth (player: Player, random: Random, now: Date): PlayedActivity[] {
  const own = random.fork(`month of ${player.id}`)
  const start = monthStart(now).getTime()
  const latest = now.getTime() - 60_000
  const played: PlayedActivity[] = []

  function add (time: number, type: string, more: Pick<PlayedActivity, 'value' | 'data'> = {}): void {
    const occurredAt = new Date(Math.min(time, latest)).toISOString()
    played.push({ id: `a-${played.length}`, userId: player.id, type, occurredAt, ...more })
  }

  for (let date = 0; date <= monthLength; date++) {
    if (!own.chance(player.visits)) continue
    // Days begin on the hour. Some visits are exactly at that time, or one millisecond earlier.
    const onTheHour = own.chance(0.1)
    const time = start + date * day + (onTheHour
      ? own.below(24) * hour - (own.chance(0.5) ? 1 : 0)
      : own.below(day))
    add(time, 'user.visited')
    if (own.chance(0.2)) add(time + own.below(8 * hour), 'user.visited')
    if (own.chance(player.buys)) add(time + own.below(hour), 'shop.purchased', { value: own.between(100, 6000) / 100 })
    if (own.chance(player.quests)) {
      const data = { questId: own.pick(questIds), difficulty: own.pick(['easy', 'hard', 'nightmare']) }
      add(time + own.below(hour), 'quest.cleared', { data })
    }
    if (own.chance(0.4)) add(time + own.below(hour), 'game.scored', { value: own.between(1, 80_000) / 1000 })
    if (own.chance(0.05)) {
      add(time + own.below(hour), 'friend.invited', { data: { inviteeId: `friend-${own.below(8)}` } })
    }
  }
  return played
}
