import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@laurel/client'
import { planEvents, type PlannedEvent } from '../../kit/month/events.ts'
import { planPlayers, playMonth, type PlayedActivity, type Player } from '../../kit/month/players.ts'
import { quietZones } from '../../kit/month/zones.ts'
import { createLaurel } from '../../kit/http/laurel.ts'
import type { Owner } from '../../kit/run/owner.ts'
import { createRandom, type Random } from '../../kit/run/random.ts'
import { startPlatform } from '../../kit/servers/platform.ts'
import { createIssuer } from '../../kit/tokens/issuer.ts'
import { createBooks, type Books, type RunningEvent } from './books.ts'

/** The data that all parts of the month share. */
export interface Stage {
  readonly random: Random
  readonly now: Date
  readonly events: readonly RunningEvent[]
  readonly players: readonly Player[]
  readonly books: Books
  /** The differences from the expected state, as sentences. */
  readonly differences: string[]
  readonly admin: Client
  readonly operator: Client
  /** Another OPERATOR, because operators cannot review their own grants. */
  readonly reviewer: Client
  readonly auditor: Client
  readonly clientOf: (userId: string) => Client
  /** Sends a file as the operator. Returns the body of the response. */
  readonly sendCsv: (path: string, csv: string) => Promise<any>
}

export interface StageOptions {
  readonly seed: number
  readonly players: number
}

const chunkSize = 500

/** Starts the platform, and fills it with the month's events, players and activities. */
export async function setStage (t: Owner, { seed, players: count }: StageOptions): Promise<Stage> {
  const now = new Date()
  const random = createRandom(seed)
  const run = 'm1'
  const { urls, env, admin: { client: admin }, signIn } = await startPlatform(t)
  const [{ client: operator, token }, { client: reviewer }, { client: auditor }] =
    [await signIn('OPERATOR'), await signIn('OPERATOR'), await signIn('AUDITOR')]
  const issuer = createIssuer(readFileSync(join(env['DATA_DIR'] ?? '', 'jwt-private-key.pem'), 'utf8'))
  const clients = new Map<string, Client>()

  const clientOf = (userId: string): Client => {
    const client = clients.get(userId) ?? createLaurel(urls.gateway, issuer.token({
      sub: userId, role: 'USER', sid: `of-${userId}`, exp: Math.floor(Date.now() / 1000) + 3600
    }))
    clients.set(userId, client)
    return client
  }
  const sendCsv: Stage['sendCsv'] = async (path, body) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/csv' }
    return await (await fetch(`${urls.gateway}${path}`, { method: 'POST', headers, body })).json()
  }

  const plans = planEvents({ now, zones: quietZones(now), run })
  const events: RunningEvent[] = []
  for (const plan of plans) events.push(await startEvent(operator, plan))

  const players = planPlayers(random, count, run)
  const { clientId, clientSecret } = await admin.createClient({ name: 'The game' })
  const game = createLaurel(urls.gateway)
  await game.issueClientToken({ clientId, clientSecret })
  await inParallel(players, async ({ id }) => { await game.putUser({ userId: id }) })

  const differences: string[] = []
  const played = players.map(player => playMonth(player, random, now))
  const books = createBooks(new Map(played.map((activities, index) => [
    players[index]?.id ?? '',
    activities.map(({ occurredAt, ...activity }) => ({ ...activity, at: new Date(occurredAt) }))
  ])), differences)
  await report(played.flat(), admin, random, books)
  return { random, now, events, players, books, differences, admin, operator, reviewer, auditor, clientOf, sendCsv }
}

async function startEvent (
  operator: Client, { key, body, codes: count, wave, share }: PlannedEvent
): Promise<RunningEvent> {
  const event = await operator.createEvent(count === 0 ? { ...body, status: 'ACTIVE' } : body)
  const { id, rewards } = event
  const codes = Array.from({ length: count }, (_, index) => `${key.slice(0, 3).toUpperCase()}-${index}`)
  const pool = rewards.find(({ type }) => type === 'COUPON')
  if (pool !== undefined) await operator.addCouponCodes({ eventId: id, rewardId: pool.id, codes })
  const rules = count === 0 ? event : await operator.updateEvent({ eventId: id, status: 'ACTIVE' })
  return { key, body, wave, share, id, rewards, codes, rules, stopped: false }
}

/** Reports all activities, a few of them twice. */
async function report (
  played: readonly PlayedActivity[], admin: Client, random: Random, books: Books
): Promise<void> {
  const own = random.fork('reports')
  const all = played.flatMap(activity => own.chance(0.02) ? [activity, activity] : [activity])
  const chunks = Array.from({ length: Math.ceil(all.length / chunkSize) }, (_, index) =>
    all.slice(index * chunkSize, (index + 1) * chunkSize))
  const totals = { accepted: 0, duplicates: 0, rejected: 0 }
  await inParallel(chunks, async activities => {
    const { accepted, duplicates, rejected } = await admin.ingestActivities({ activities })
    totals.accepted += accepted
    totals.duplicates += duplicates
    totals.rejected += rejected.length
  })
  books.differ('activities', totals, { accepted: played.length, duplicates: all.length - played.length, rejected: 0 })
}

/** Returns a random third of the players, at most 100. A player can be in it more than once. */
export function someOf (players: readonly Player[], random: Random): Player[] {
  return Array.from({ length: Math.min(100, Math.ceil(players.length / 3)) }, () => random.pick(players))
}

/** Processes each item, at most eight at a time. */
export async function inParallel<T> (items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  await Promise.all(Array.from({ length: 8 }, async () => { for (const item of left) await run(item) }))
}
