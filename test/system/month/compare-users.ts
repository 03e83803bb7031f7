import type { Entry, RewardOfEvent } from './books.ts'
import { countsOf } from './conditions.ts'
import { readAll } from './operators.ts'
import { inParallel, someOf, type Stage } from './stage.ts'

/** Compares the wallets of all players, and the ledgers, coupons and progress of some players. */
export async function compareUsers (stage: Stage): Promise<void> {
  const { books, players, auditor, random } = stage
  await inParallel(players, async ({ id }) => {
    const wallet = await auditor.getWallet({ userId: id })
    books.differ(`wallet of ${id}`, wallet, walletOf(id, books.ofUser(id)))
  })
  const own = random.fork('users')
  await inParallel(someOf(players, own), async ({ id }) => {
    await compareLedger(stage, id)
    await compareCoupons(stage, id)
    await compareProgress(stage, id)
  })
}

function walletOf (userId: string, entries: readonly Entry[]): object {
  const rewards = entries.filter(({ status }) => status === 'GRANTED').flatMap(({ event }) => event.rewards)
  const totalsOf = (type: string, nameOf: (reward: RewardOfEvent) => string | undefined): Array<[string, number]> => {
    const totals = new Map<string, number>()
    for (const reward of rewards) {
      if (reward.type !== type) continue
      const name = nameOf(reward) ?? ''
      totals.set(name, (totals.get(name) ?? 0) + reward.amount)
    }
    return [...totals].sort(([a], [b]) => a < b ? -1 : 1)
  }
  return {
    userId,
    points: totalsOf('POINT', () => 'points')[0]?.[1] ?? 0,
    currencies: totalsOf('CURRENCY', ({ currency }) => currency).map(([currency, amount]) => ({ currency, amount })),
    items: totalsOf('ITEM', ({ itemId }) => itemId).map(([itemId, quantity]) => ({ itemId, quantity }))
  }
}

async function compareLedger ({ books, clientOf }: Stage, id: string): Promise<void> {
  const found = await readAll(clientOf(id).listMyLedger)
  const expected = books.ofUser(id).flatMap(({ event, grantedAt, revokedAt, ...entry }) =>
    event.rewards.flatMap(({ id: rewardId, amount }) => [
      ...grantedAt === undefined ? [] : [`${grantedAt.toISOString()} CREDIT ${rewardId} ${amount} ${entry.id}`],
      ...revokedAt === undefined ? [] : [`${revokedAt.toISOString()} DEBIT ${rewardId} ${amount} ${entry.id}`]
    ]))
  const shown = found.map(({ at, direction, rewardId, amount, claimId }) =>
    `${at} ${direction} ${rewardId} ${amount} ${claimId}`)
  books.differ(`ledger of ${id}`, [...shown].sort(), expected.sort())
  const times = found.map(({ at }) => at)
  books.differ(`order of the ledger of ${id}`, times, [...times].sort().reverse())
}

async function compareCoupons ({ books, clientOf }: Stage, id: string): Promise<void> {
  const { data } = await clientOf(id).listMyCoupons()
  const shown = data.map(({ claimId, revoked }) => `${claimId} ${revoked}`)
  const expected = books.ofUser(id)
    .filter(({ event, grantedAt }) => grantedAt !== undefined && event.rewards.some(({ type }) => type === 'COUPON'))
    .map(entry => `${entry.id} ${entry.status === 'REVOKED'}`)
  books.differ(`coupons of ${id}`, shown.sort(), expected.sort())
}

async function compareProgress ({ books, clientOf, events, random }: Stage, id: string): Promise<void> {
  const own = random.fork(`progress of ${id}`)
  for (let count = 0; count < 4; count++) {
    const event = own.pick(events)
    const { progress, period } = await clientOf(id).getMyProgress({ eventId: event.id })
    const expected = books.progressOf(event, id, books.periodAt(event, new Date()))
    const shown = { period, counts: countsOf(progress), met: progress?.met ?? true }
    books.differ(`progress of ${id} in '${event.key}'`, shown, {
      period: books.periodAt(event, new Date()), counts: expected?.counts ?? [], met: expected?.met ?? true
    })
  }
}
