import { groupBy, isHolding, type Check, type ClaimRow, type EventRow } from '../state.ts'

/** Every limited event is sold to the last unit and never beyond, and each unit is held by one claim. */
export const checkSlots: Check = ({ events, claims }, { stocks }) => {
  const byEvent = groupBy(claims, ({ eventId }) => eventId)
  const sold = events.flatMap(event => {
    const own = byEvent.get(event._id) ?? []
    return [...soldOf(event, own), ...own.flatMap(claim => holdingOf(claim, capacityOf(event) !== undefined))].map(what => `event ${event._id} (${event.name}): ${what}`)
  })
  const stored = new Map(events.flatMap(({ rewards }) => rewards.map(({ rewardId, stock }) => [rewardId, stock ?? 0])))
  const lowered = [...stocks].filter(([rewardId, stock]) => (stored.get(rewardId) ?? 0) < stock)
    .map(([rewardId, stock]) => `reward ${rewardId}: a stock of ${stock} was acknowledged, ${stored.get(rewardId)} is there`)
  return [...sold, ...lowered]
}

function capacityOf ({ rewards }: EventRow): number | undefined {
  const limits = rewards.flatMap(({ stock }) => stock ?? [])
  return limits.length === 0 ? undefined : Math.min(...limits)
}

function soldOf (event: EventRow, claims: readonly ClaimRow[]): string[] {
  const capacity = capacityOf(event)
  if (capacity === undefined) return []
  const slots = claims.flatMap(({ slot }) => slot ?? [])
  const used = new Set(slots)
  const twice = slots.length === used.size ? [] : [`${slots.length - used.size} units are held twice`]
  const wild = slots.filter(slot => !Number.isInteger(slot) || slot < 0 || slot >= capacity).map(slot => `unit ${slot} is sold, but there are ${capacity}`)
  const left = Array.from({ length: capacity }, (_, number) => number).filter(number => !used.has(number))
  const unsold = left.length === 0 ? [] : [`${left.length} of ${capacity} units cannot be sold: ${left.slice(0, 20).join()}`]
  return [...twice, ...wild, ...unsold]
}

function holdingOf (claim: ClaimRow, isLimited: boolean): string[] {
  const { _id, status, slot, releasing } = claim
  const mustHold = isLimited && isHolding(claim)
  const found = mustHold === (slot !== undefined) ? [] : [`claim ${_id} is ${status} and holds ${slot === undefined ? 'no unit' : `unit ${slot}`}`]
  return releasing === undefined ? found : [...found, `claim ${_id} still gives back unit ${releasing}`]
}
