import { setTimeout as sleep } from 'node:timers/promises'
import { isFinal } from '../domain/claim.ts'
import type { ClaimStore, Recorded } from '../stores/claims.ts'
import type { CouponStore } from '../stores/coupons.ts'
import type { StockStore } from '../stores/stock.ts'
import type { Assessor } from './assess.ts'
import { createGroupCommit } from './group-commit.ts'
import { answer, attemptsOf, capacityFor, groupsOf, keyOf, nameOf, periodsBefore, type ClaimAsking, type ClaimOutcome, type Group } from './groups.ts'
import { createUnits } from './units.ts'

export interface ClaimingOptions {
  readonly assessor: Assessor
  readonly claims: ClaimStore
  readonly stock: StockStore
  readonly coupons: CouponStore
  readonly noteBatch: (requests: number) => void
}

const maxBatch = 500
/** Milliseconds after which units that may come back are looked for again. */
const askAgainAfter = 25

/**
 * The claim engine: requests that come at once are decided together and written in one command. What nobody can take is
 * decided by the unique indexes of the claims alone, so a process that dies leaves nothing to repair.
 */
export function createClaiming ({ assessor, claims, stock, coupons, noteBatch }: ClaimingOptions): (asking: ClaimAsking) => Promise<ClaimOutcome> {
  const takeUnits = createUnits({
    stock,
    coupons,
    comeAgain (group, until) {
      for (const { input, resolve, reject } of group.requests.splice(0)) {
        sleep(askAgainAfter).then(async () => await submit({ ...input, givesUpAt: until })).then(resolve, reject)
      }
    }
  })

  /** Answers who repeats a grant of an earlier period by its key: a day may end between a request and its repetition. */
  async function answerReplays (groups: readonly Group[]): Promise<Group[]> {
    const keyed = groups.flatMap(group => group.requests
      .filter(({ input }) => input.idempotencyKey !== undefined)
      .flatMap(request => periodsBefore(group).map(period => ({ group, request, key: { ...keyOf(group), period } }))))
    const found = keyed.length === 0 ? [] : await claims.findAllOf(keyed.map(({ key }) => key))
    const granted = new Map(found.map(claim => [nameOf(claim), claim]))
    for (const { group, request, key } of keyed) {
      const claim = granted.get(nameOf(key))
      const place = group.requests.indexOf(request)
      if (place === -1 || claim === undefined || claim.grantKey !== request.input.idempotencyKey) continue
      group.requests.splice(place, 1)
      request.resolve({ decision: group.decision, claim, won: false })
    }
    return groups.filter(({ requests }) => requests.length > 0)
  }

  /** Answers those whose claim was decided before, so that they take no unit. @returns the others. */
  async function answerSettled (groups: readonly Group[]): Promise<readonly Group[]> {
    const found = await claims.findAllOf(groups.filter(group => capacityFor(group) !== undefined).map(keyOf))
    const settled = new Map(found.filter(isFinal).map(claim => [nameOf(claim), claim]))
    return groups.filter(group => {
      const claim = settled.get(nameOf(keyOf(group)))
      if (claim === undefined) return true
      for (const { resolve } of group.requests) resolve({ decision: group.decision, claim, won: false })
      return false
    })
  }

  const submit = createGroupCommit<ClaimAsking, ClaimOutcome>(async batch => {
    const at = new Date()
    const assessed = await assessor.assess(batch, at, async input => await submit(input))
    let open = await answerSettled(await answerReplays(groupsOf(assessed, at)))
    const own = new Set<string>()
    const ends: Array<() => Promise<void>> = []
    while (open.length > 0) {
      ends.push(...await takeUnits(open, own))
      // Who waits for a unit, or cannot be served, is not here any more.
      open = open.filter(({ requests }) => requests.length > 0)
      if (open.length === 0) break
      const recorded = await claims.record(open.map(attemptsOf))
      const collided = open.filter((group, index) => !answer(group, recorded[index] as Recorded))
      // Another claim holds the number, so it is no use to anybody; there may be others.
      for (const group of collided) {
        if (group.slot !== undefined) group.taken.add(group.slot)
        delete group.slot
      }
      open = collided
    }
    // Nobody waits for this; the sweeper does it where it fails.
    for (const end of ends) end().catch(() => undefined)
  }, { maxWeight: maxBatch, parallel: 2, noteBatch })
  return submit
}
