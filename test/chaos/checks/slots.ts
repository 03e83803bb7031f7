import { groupBy, isHolding, type Check, type ClaimRow, type EventRow } from '../state.ts'

/**
 * Every stock, of an event or of one of its periods, is sold to its last slot and never beyond. One claim holds each
 * slot.
 */
export const checkSlots: Check = ({ events, claims }, { stocks, soldPeriods }) => {
  const byEvent = groupBy(claims, ({ eventId }) => eventId)
  const wrongSlots = events.flatMap(event => {
    const own = byEvent.get(event._id) ?? []
    const isLimited = capacityOf(event) !== undefined
    return [...salesOf(event, own, soldPeriods), ...own.flatMap(claim => holdingFaults(claim, event, isLimited))]
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

function salesOf (event: EventRow, claims: readonly ClaimRow[], soldPeriods: ReadonlySet<string>): string[] {
  const capacity = capacityOf(event)
  if (capacity === undefined) return []
  if (event.stockPer !== 'PERIOD') return saleFaults(claims.flatMap(({ slot }) => slot ?? []), capacity, true)
  const byPeriod = groupBy(claims, ({ period }) => period)
  return [...byPeriod].flatMap(([period, own]) => {
    const slots = own.flatMap(({ periodSlot }) => periodSlot ?? [])
    return saleFaults(slots, capacity, soldPeriods.has(`${event._id} ${period}`)).map(what => `${period}: ${what}`)
  })
}

function saleFaults (slots: readonly number[], capacity: number, isSoldOut: boolean): string[] {
  const used = new Set(slots)
  const isOutside = (slot: number): boolean => !Number.isInteger(slot) || slot < 0 || slot >= capacity
  const unsold = Array.from({ length: capacity }, (_, slot) => slot).filter(slot => !used.has(slot))
  return [
    ...slots.length === used.size ? [] : [`${slots.length - used.size} slots are held twice`],
    ...slots.filter(isOutside).map(slot => `slot ${slot} is sold, but there are ${capacity}`),
    ...!isSoldOut || unsold.length === 0
      ? []
      : [`${unsold.length} of ${capacity} slots are unsold: ${unsold.slice(0, 20).join()}`]
  ]
}

function holdingFaults (claim: ClaimRow, { stockPer }: EventRow, isLimited: boolean): string[] {
  const { _id, status, releasing } = claim
  const isPerPeriod = stockPer === 'PERIOD'
  const slot = isPerPeriod ? claim.periodSlot : claim.slot
  const other = isPerPeriod ? claim.slot : claim.periodSlot
  const mustHold = isLimited && isHolding(claim)
  const held = slot === undefined ? 'no slot' : `slot ${slot}`
  return [
    ...mustHold === (slot !== undefined) ? [] : [`claim ${_id} is ${status} and holds ${held}`],
    ...other === undefined ? [] : [`claim ${_id} holds slot ${other} of ${isPerPeriod ? 'the event' : 'a period'}`],
    ...releasing === undefined ? [] : [`claim ${_id} still releases slot ${releasing}`]
  ]
}
