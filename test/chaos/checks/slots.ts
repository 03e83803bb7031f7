import { groupBy, isHolding, type Check, type ClaimRow, type EventRow } from '../state.ts'

/** Every limited event is sold to its last slot and never beyond, and one claim holds each slot. */
export const checkSlots: Check = ({ events, claims }, { stocks }) => {
  const byEvent = groupBy(claims, ({ eventId }) => eventId)
  const wrongSlots = events.flatMap(event => {
    const own = byEvent.get(event._id) ?? []
    const isLimited = capacityOf(event) !== undefined
    return [...saleFaults(event, own), ...own.flatMap(claim => holdingFaults(claim, isLimited))]
      .map(what => `event ${event._id} (${event.name}): ${what}`)
  })
  const stored = new Map(events.flatMap(({ rewards }) => rewards.map(({ rewardId, stock }) => [rewardId, stock ?? 0])))
  const lowered = [...stocks].filter(([rewardId, stock]) => (stored.get(rewardId) ?? 0) < stock)
    .map(([rewardId, stock]) => `reward ${rewardId}: stock ${stock} was acknowledged, not ${stored.get(rewardId)}`)
  return [...wrongSlots, ...lowered]
}

function capacityOf ({ rewards }: EventRow): number | undefined {
  const limits = rewards.flatMap(({ stock }) => stock ?? [])
  return limits.length === 0 ? undefined : Math.min(...limits)
}

function saleFaults (event: EventRow, claims: readonly ClaimRow[]): string[] {
  const capacity = capacityOf(event)
  if (capacity === undefined) return []
  const slots = claims.flatMap(({ slot }) => slot ?? [])
  const used = new Set(slots)
  const isOutside = (slot: number): boolean => !Number.isInteger(slot) || slot < 0 || slot >= capacity
  const unsold = Array.from({ length: capacity }, (_, slot) => slot).filter(slot => !used.has(slot))
  return [
    ...slots.length === used.size ? [] : [`${slots.length - used.size} slots are held twice`],
    ...slots.filter(isOutside).map(slot => `slot ${slot} is sold, but there are ${capacity}`),
    ...unsold.length === 0 ? [] : [`${unsold.length} of ${capacity} slots are unsold: ${unsold.slice(0, 20).join()}`]
  ]
}

function holdingFaults (claim: ClaimRow, isLimited: boolean): string[] {
  const { _id, status, slot, releasing } = claim
  const mustHold = isLimited && isHolding(claim)
  const held = slot === undefined ? 'no slot' : `slot ${slot}`
  return [
    ...mustHold === (slot !== undefined) ? [] : [`claim ${_id} is ${status} and holds ${held}`],
    ...releasing === undefined ? [] : [`claim ${_id} still releases slot ${releasing}`]
  ]
}
