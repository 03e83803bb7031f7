import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { planEvents, type PlannedEvent } from '../../kit/month/events.ts'
import { planPlayers, playMonth, type PlayedActivity, type Player } from '../../kit/month/players.ts'
import { quietZones } from '../../kit/month/zones.ts'
import type { Owner } from '../../kit/run/owner.ts'
import { createRandom, type Random } from '../../kit/run/random.ts'
import { startPlatform, type Platform } from '../../kit/servers/platform.ts'
import { createIssuer } from '../../kit/tokens/issuer.ts'
import { createBooks, type Books, type RunningEvent } from './books.ts'

/** The data that all parts of the month share. */
export interface Stage {
  readonly platform: Platform
  readonly random: Random
  readonly now: Date
  readonly events: readonly RunningEvent[]
  readonly players: readonly Player[]
  readonly books: Books
  /** The differences from the expected state, as sentences. */
  readonly differences: string[]
  readonly tokens: Readonly<Record<'operator' | 'reviewer' | 'auditor', string>>
  readonly tokenOf: (userId: string) => string
  /** Sends a request and returns the body of its response. Throws if the status differs. */
  readonly ask: (method: string, path: string, token: string, body?: unknown, status?: number) => Promise<any>
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
  const platform = await startPlatform(t)
  const { admin: { token: admin }, call } = platform
  const [operator, reviewer, auditor] = [
    await platform.signIn('OPERATOR'), await platform.signIn('OPERATOR'), await platform.signIn('AUDITOR')
  ]
  const tokens = { operator: operator.token, reviewer: reviewer.token, auditor: auditor.token }
  const issuer = createIssuer(readFileSync(join(platform.env['DATA_DIR'] ?? '', 'jwt-private-key.pem'), 'utf8'))
  const signed = new Map<string, string>()

  const ask: Stage['ask'] = async (method, path, token, body, expected = 200) => {
    const { status, body: answer } = await call(method, path, { token, body })
    if (status !== expected) throw new Error(`${method} ${path} answered ${status} ${JSON.stringify(answer)}`)
    return answer
  }
  const tokenOf = (userId: string): string => {
    const token = signed.get(userId) ?? issuer.token({
      sub: userId, role: 'USER', sid: `of-${userId}`, exp: Math.floor(Date.now() / 1000) + 3600
    })
    signed.set(userId, token)
    return token
  }

  const plans = planEvents({ now, zones: quietZones(now), run })
  const events: RunningEvent[] = []
  for (const plan of plans) events.push(await startEvent(ask, tokens.operator, plan))

  const players = planPlayers(random, count, run)
  const { clientId, clientSecret } = await ask('POST', '/v1/clients', admin, { name: 'The game' }, 201)
  const { accessToken } = await ask('POST', '/v1/auth/token', admin, { clientId, clientSecret })
  await inParallel(players, async ({ id }) => { await ask('PUT', `/v1/users/${id}`, accessToken, {}, 201) })

  const differences: string[] = []
  const played = players.map(player => playMonth(player, random, now))
  const books = createBooks(new Map(played.map((activities, index) => [
    players[index]?.id ?? '',
    activities.map(({ occurredAt, ...activity }) => ({ ...activity, at: new Date(occurredAt) }))
  ])), differences)
  await report(played.flat(), admin, ask, random, books)
  return { platform, random, now, events, players, books, differences, tokens, tokenOf, ask }
}

async function startEvent (
  ask: Stage['ask'], token: string, { key, body, codes: count, wave, share }: PlannedEvent
): Promise<RunningEvent> {
  const { id, rewards } = await ask('POST', '/v1/events', token, body, 201)
  const codes = Array.from({ length: count }, (_, index) => `${key.slice(0, 3).toUpperCase()}-${index}`)
  const pool = rewards.find(({ type }: { type: string }) => type === 'COUPON')
  if (pool !== undefined) await ask('POST', `/v1/events/${id}/rewards/${pool.id}/codes`, token, { codes })
  const { dayStartsAt, weekStartsOn, claimPeriod, timeZone, status } = await ask(
    'PATCH', `/v1/events/${id}`, token, { status: 'ACTIVE' })
  if (status !== 'ACTIVE') throw new Error(`'${key}' is ${status}`)
  const rules = { dayStartsAt, weekStartsOn, claimPeriod, timeZone }
  return { key, body, wave, share, id, rewards, codes, rules, stopped: false }
}

/** Reports all activities, a few of them twice. */
async function report (
  played: readonly PlayedActivity[], admin: string, ask: Stage['ask'], random: Random, books: Books
): Promise<void> {
  const own = random.fork('reports')
  const all = played.flatMap(activity => own.chance(0.02) ? [activity, activity] : [activity])
  const chunks = Array.from({ length: Math.ceil(all.length / chunkSize) }, (_, index) =>
    all.slice(index * chunkSize, (index + 1) * chunkSize))
  const totals = { accepted: 0, duplicates: 0, rejected: 0 }
  await inParallel(chunks, async activities => {
    const { accepted, duplicates, rejected } = await ask('POST', '/v1/activities', admin, { activities })
    totals.accepted += accepted
    totals.duplicates += duplicates
    totals.rejected += rejected.length
  })
  books.differ('activities', totals, { accepted: played.length, duplicates: all.length - played.length, rejected: 0 })
}

/** Processes each item, at most eight at a time. */
export async function inParallel<T> (items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  await Promise.all(Array.from({ length: 8 }, async () => { for (const item of left) await run(item) }))
}
