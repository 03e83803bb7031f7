import { isLaurelError } from '@laurel/client'
import type { Player } from '../../kit/month/players.ts'
import type { RunningEvent } from './books.ts'
import { inParallel, type Stage } from './stage.ts'

/** Every player claims some events of a wave, most of them in one request. */
export async function claimWave (stage: Stage, wave: 1 | 2): Promise<void> {
  const { players, events, random } = stage
  const own = random.fork(`claims of wave ${wave}`)
  const due = events.filter(event => event.wave === wave)
  const asked = players.map(player => ({
    player, isOneByOne: own.chance(0.1), wanted: due.filter(({ share }) => own.chance(share))
  }))
  await inParallel(asked, async ({ player, isOneByOne, wanted }) => {
    if (isOneByOne) for (const event of wanted) await claimOne(stage, player.id, event)
    else if (wanted.length > 0) await claimSeveral(stage, player, wanted)
  })
  stage.books.checkStocks()
}

async function claimSeveral (
  { books, clientOf }: Stage, { id }: Player, wanted: readonly RunningEvent[]
): Promise<void> {
  const { results } = await clientOf(id).claimMany({ eventIds: wanted.map(({ id }) => id) })
  wanted.forEach((event, index) => { books.note({ event, userId: id }, results[index]) })
}

/** Returns `true` if the claim was decided. During a pause, it is not. */
export async function claimOne (
  { books, clientOf }: Stage, userId: string, event: RunningEvent
): Promise<boolean> {
  try {
    const claim = await clientOf(userId).claim({ eventId: event.id })
    books.note({ event, userId }, { ok: true, claim })
  } catch (error) {
    if (!isLaurelError(error)) throw error
    if (error.code === 'PAUSED') return false
    books.note({ event, userId }, { ok: false, ...error })
  }
  return true
}

/** Players who have claimed, and players who were refused, repeat their claims. */
export async function claimAgain (stage: Stage, name: string, share: number): Promise<void> {
  const own = stage.random.fork(name)
  const isNow = ({ event, period }: { event: RunningEvent, period: string }): boolean =>
    period === stage.books.periodAt(event, new Date())
  const again = [...stage.books.entries.values()].filter(isNow).filter(() => own.chance(share))
  await inParallel(again, async ({ userId, event }) => { await claimOne(stage, userId, event) })
  stage.books.checkStocks()
}

/** An operator deactivates an event. It can no longer be claimed, so some players are refused. */
export async function stopEvent (stage: Stage, key: string): Promise<void> {
  const { events, operator, players } = stage
  const event = eventOf(events, key)
  await operator.updateEvent({ eventId: event.id, status: 'INACTIVE' })
  event.stopped = true
  await inParallel(players.slice(0, 30), async ({ id }) => { await claimOne(stage, id, event) })
}

export function eventOf (events: readonly RunningEvent[], key: string): RunningEvent {
  const event = events.find(event => event.key === key)
  if (event === undefined) throw new Error(`The month has no event '${key}'.`)
  return event
}
