import type { GrantedReward } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { setTimeout as sleep } from 'node:timers/promises'
import { isSettled, withoutStock, type Attempt, type Claim, type Decision } from '../domain/claim.ts'
import type { RewardEvent } from '../domain/event.ts'
import { periodAt } from '../domain/period.ts'
import { capacityOf } from '../domain/reward.ts'
import type { Attempts, ClaimStore, Recorded } from '../stores/claims.ts'
import type { CouponStore } from '../stores/coupons.ts'
import type { StockStore } from '../stores/stock.ts'
import type { Asking, Assessor } from './assess.ts'
import { createGroupCommit, type Pending } from './group-commit.ts'

export interface ClaimAsking extends Asking {
  readonly requestId: string
  readonly idempotencyKey?: string
  /** Set where it has waited before: until when (milliseconds since 1970) units may come back for it. */
  readonly givesUpAt?: number
}

export interface ClaimOutcome {
  readonly decision: Decision
  readonly claim: Claim
  /** Whether this request wrote it; where not, an earlier decision stands. */
  readonly won: boolean
}

export interface ClaimingOptions {
  readonly assessor: Assessor
  readonly claims: ClaimStore
  readonly stock: StockStore
  readonly coupons: CouponStore
  readonly noteBatch: (requests: number) => void
}

type Request = Pending<ClaimAsking, ClaimOutcome>

/** The requests of a batch for one claim: the first of them acts for all. */
interface Group {
  readonly event: RewardEvent
  readonly requests: Request[]
  readonly at: Date
  decision: Decision
  /** The unit it holds, where something is limited. */
  slot?: number
  /** Numbers that it was given and that another claim holds: they are not on sale, whoever said so. */
  readonly taken: Set<number>
}

const maxBatch = 500
/** Milliseconds: how long the last units are waited for while somebody else may give them back, and how often they are looked for. */
const patience = 1000
const askAgainAfter = 25

/**
 * The claim engine: requests that come at once are decided together and written in one command. What nobody can take is
 * decided by the unique indexes of the claims alone, so a process that dies leaves nothing to repair.
 */
export function createClaiming ({ assessor, claims, stock, coupons, noteBatch }: ClaimingOptions): (asking: ClaimAsking) => Promise<ClaimOutcome> {
  /**
   * Gives each group a unit of its event, with the coupon codes that belong to it. Who gets none is refused, or comes again
   * with a later batch where units may come back: the claims of other events do not wait for it.
   */
  async function takeSlots (event: RewardEvent, capacity: number, groups: readonly Group[], own: Set<string>): Promise<() => Promise<void>> {
    if (stock.isSoldOut(event.id, capacity)) {
      for (const group of groups) group.decision = withoutStock(group.decision)
      return async () => undefined
    }
    const { id, numbers, others } = await stock.take(event.id, groups.length, capacity)
    own.add(id)
    numbers.forEach((number, index) => { (groups[index] as Group).slot = number })
    const empty = groups.slice(numbers.length)
    const now = Date.now()
    const mayComeBack = others.some(id => !own.has(id))
    for (const group of empty) {
      if (mayComeBack && now < givesUpAt(group)) comeAgain(group)
      else {
        stock.noteSoldOut(event.id, capacity)
        group.decision = withoutStock(group.decision)
      }
    }
    await addCodes(event, groups)
    return async () => {
      const used = new Set(groups.flatMap(({ slot, taken }) => [slot, ...taken]))
      await stock.settle(event.id, id, numbers.filter(number => !used.has(number)))
    }
  }

  function comeAgain (group: Group): void {
    const until = givesUpAt(group)
    for (const { input, resolve, reject } of group.requests.splice(0)) {
      sleep(askAgainAfter).then(async () => await submit({ ...input, givesUpAt: until })).then(resolve, reject)
    }
  }

  async function addCodes (event: RewardEvent, groups: readonly Group[]): Promise<void> {
    const numbers = groups.flatMap(({ slot }) => slot ?? [])
    const pools = event.rewards.filter(({ type }) => type === 'COUPON')
    if (numbers.length === 0 || pools.length === 0) return
    const codes = new Map(await Promise.all(pools.map(async ({ rewardId }) => [rewardId, await coupons.codesOf({ eventId: event.id, rewardId }, numbers)] as const)))
    for (const group of groups.filter(({ slot }) => slot !== undefined)) {
      const rewards = group.decision.rewards.map((reward): GrantedReward => {
        const couponCode = codes.get(reward.rewardId)?.get(Number(group.slot))
        return couponCode === undefined ? reward : { ...reward, couponCode }
      })
      group.decision = { ...group.decision, rewards }
      // Codes are there before their numbers are for sale; without one nothing is granted.
      if (rewards.some(({ type, couponCode }) => type === 'COUPON' && couponCode === undefined)) {
        delete group.slot
        for (const { reject } of group.requests.splice(0)) reject(new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'A coupon code is missing', { retryAfter: 10 }))
      }
    }
  }

  /** Takes for all groups that are to be granted something limited. @param own the leases of this batch. @returns what ends them. */
  async function takeAll (groups: readonly Group[], own: Set<string>): Promise<Array<() => Promise<void>>> {
    const limited = new Map<string, { event: RewardEvent, capacity: number, groups: Group[] }>()
    for (const group of groups) {
      const capacity = capacityFor(group)
      if (capacity === undefined) continue
      const ofEvent = limited.get(group.event.id) ?? { event: group.event, capacity, groups: [] }
      limited.set(group.event.id, ofEvent)
      ofEvent.groups.push(group)
    }
    return await Promise.all([...limited.values()].map(async ({ event, capacity, groups }) => await takeSlots(event, capacity, groups, own)))
  }

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
    const settled = new Map(found.filter(isSettled).map(claim => [nameOf(claim), claim]))
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
      ends.push(...await takeAll(open, own))
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

/** Milliseconds for which a key is remembered at least. */
const keyMemory = 24 * 60 * 60 * 1000

/** The periods of the last 24 hours but the one that is claimed; a day of a zone may have 23 hours. */
function periodsBefore ({ event, at, decision: { period } }: Group): string[] {
  if (event.claimPeriod === 'EVENT') return []
  return [...new Set([keyMemory, keyMemory / 2].map(age => periodAt(event, new Date(at.getTime() - age)).name))].filter(name => name !== period)
}

function givesUpAt ({ requests, at }: Group): number {
  return requests[0]?.input.givesUpAt ?? at.getTime() + patience
}

/** How many claims its event can grant, where the group is to be granted something limited. */
function capacityFor ({ event, decision }: Group): number | undefined {
  return decision.refusal === undefined ? capacityOf(event) : undefined
}

function keyOf ({ event, requests, decision: { period } }: Group) {
  return { eventId: event.id, userId: (requests[0] as Request).input.userId, period }
}

function nameOf ({ eventId, userId, period }: Pick<Claim, 'eventId' | 'userId' | 'period'>): string {
  return `${eventId} ${userId} ${period}`
}

function groupsOf (assessed: ReadonlyArray<{ pending: Request, event: RewardEvent, decision: Decision }>, at: Date): Group[] {
  const groups = new Map<string, Group>()
  for (const { pending, event, decision } of assessed) {
    const name = nameOf({ eventId: event.id, userId: pending.input.userId, period: decision.period })
    const group = groups.get(name)
    if (group === undefined) groups.set(name, { event, requests: [pending], at, decision, taken: new Set() })
    else group.requests.push(pending)
  }
  return [...groups.values()]
}

function attemptsOf ({ event, requests, at, decision, slot }: Group): Attempts {
  const [first, ...more] = requests.map(({ input: { userId, role, requestId, idempotencyKey } }): Attempt => ({
    ...decision, eventId: event.id, userId, role, at, requestId, ...(idempotencyKey === undefined ? {} : { idempotencyKey }), ...(slot === undefined ? {} : { slot })
  }))
  return [first as Attempt, ...more]
}

/** Tells a group what became of it: of a grant only the first request wrote it. @returns false where its unit is another's. */
function answer (group: Group, recorded: Recorded): boolean {
  if (recorded === null) return false
  const { claim, won } = recorded
  // What it took goes back.
  if (!won) delete group.slot
  group.requests.forEach(({ resolve }, index) => { resolve({ decision: group.decision, claim, won: won && (index === 0 || group.decision.refusal !== undefined) }) })
  return true
}
