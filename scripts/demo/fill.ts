import { createClient, type Client } from '@laurel/client'
import { planEvents, type PlannedEvent } from '../../test/kit/month/events.ts'
import { planPlayers, playMonth } from '../../test/kit/month/players.ts'
import { createRandom } from '../../test/kit/run/random.ts'
import { hire, retryOptions, type Colleague } from './people.ts'
import type { ProgressBar } from './progress-bar.ts'

export interface FillOptions {
  readonly admin: Client
  readonly baseUrl: string
  readonly users: number
  readonly seed: number
  /** Identifies this month, so that each run has its own events, accounts and players. */
  readonly run: string
  readonly bar: ProgressBar
}

export interface Filled {
  readonly operator: Colleague
  readonly auditor: Colleague
  readonly events: number
  readonly activities: number
  readonly answers: Readonly<Record<string, number>>
  /** The group of a board, and a player who has claimed some of it. */
  readonly board: string
  readonly player: string
}

interface StartedEvent extends PlannedEvent { readonly id: string }

const zones = ['Asia/Seoul', 'America/New_York', 'Europe/Berlin'] as const
const chunkSize = 500

/** Fills the platform with a month of data: events, players, activities, claims and reviews. */
export async function fill ({ admin, baseUrl, users, seed, run, bar }: FillOptions): Promise<Filled> {
  const now = new Date()
  const random = createRandom(seed)
  const operator = await hire(admin, baseUrl, 'OPERATOR', run)
  const auditor = await hire(admin, baseUrl, 'AUDITOR', run)
  const { clientId, clientSecret } = await admin.createClient({ name: `Demo game ${run}` })
  const game = createClient({ baseUrl, credentials: { clientId, clientSecret }, ...retryOptions })

  const plans = planEvents({ now, zones, run })
  const ids = new Map<string, string>()
  await bar.forEach('Events', plans, async plan => { ids.set(plan.key, await startEvent(operator.laurel, plan, run)) })
  const events = plans.map((plan): StartedEvent => ({ ...plan, id: ids.get(plan.key) ?? '' }))

  const players = planPlayers(random, users, run)
  await bar.forEach('Players', players, async ({ id }) => { await game.putUser({ userId: id }) })
  const played = players.flatMap(player => playMonth(player, random, now))
  const chunks = Array.from({ length: Math.ceil(played.length / chunkSize) }, (_, index) =>
    played.slice(index * chunkSize, (index + 1) * chunkSize))
  await bar.forEach(`Activities, ${chunkSize} per request`, chunks, async activities => {
    await admin.ingestActivities({ activities })
  })

  const answers: Record<string, number> = {}
  const own = random.fork('claims')
  const wanted = new Map(players.map(({ id }) => [id, events.filter(({ share }) => own.chance(share))]))
  await bar.forEach('Claims', players, async ({ id }) => {
    const { accessToken } = await game.startUserSession({ userId: id })
    const laurel = createClient({ baseUrl, token: accessToken, ...retryOptions })
    for (const wave of [1, 2]) {
      const due = (wanted.get(id) ?? []).filter(event => event.wave === wave)
      if (due.length === 0) continue
      for (const result of (await laurel.claimMany({ eventIds: due.map(({ id }) => id) })).results) {
        const answer = result.ok ? result.claim.status : result.code
        answers[answer] = (answers[answer] ?? 0) + 1
      }
    }
  })

  await decideHalf(operator.laurel, bar, events)
  return {
    operator,
    auditor,
    events: events.length,
    activities: played.length,
    answers,
    board: `board-0-${run}`,
    player: players[0]?.id ?? ''
  }
}

async function startEvent (operator: Client, { body, codes: count, key }: PlannedEvent, run: string): Promise<string> {
  const { id, rewards } = await operator.createEvent(count === 0 ? { ...body, status: 'ACTIVE' } : body)
  const pool = rewards.find(({ type }) => type === 'COUPON')
  if (pool === undefined) return id
  const codes = Array.from({ length: count }, (_, index) => `${key.slice(0, 3).toUpperCase()}-${run}-${index}`)
  await operator.addCouponCodes({ eventId: id, rewardId: pool.id, codes })
  await operator.updateEvent({ eventId: id, status: 'ACTIVE' })
  return id
}

/** An operator decides half of the claims that await review, rounded down, so that some are left. */
async function decideHalf (operator: Client, bar: ProgressBar, events: readonly StartedEvent[]): Promise<void> {
  const reviewed = events.filter(({ body }) => body.grantMode === 'REVIEW')
  await bar.forEach('Reviews', reviewed, async ({ id }) => {
    const { data } = await operator.listClaims({ eventId: id, status: 'PENDING', order: 'asc', limit: 100 })
    const decisions = data.slice(0, Math.floor(data.length / 2)).map(({ id }, index) => index % 5 === 4
      ? { claimId: id, decision: 'REJECT' as const, reason: 'A bot' }
      : { claimId: id, decision: 'APPROVE' as const })
    if (decisions.length > 0) await operator.reviewClaims({ decisions })
  })
}
