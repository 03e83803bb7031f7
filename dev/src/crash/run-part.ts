import { MongoClient } from 'mongodb'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeThrowAwayDir } from '../throw-away-dir.ts'
import { createAcknowledged } from './acknowledged.ts'
import { checkAll } from './checks/index.ts'
import { checkShown } from './checks/shown.ts'
import { createClient } from './client.ts'
import { loadUntil, type Place } from './load.ts'
import type { Part } from './parts.ts'
import { proveChecks } from './proof.ts'
import { createRandom } from './random.ts'
import { sellOut } from './sell-out.ts'
import { createServer } from './servers.ts'
import { settle } from './settle.ts'
import { readState } from './state.ts'
import { createTokens } from './tokens.ts'
import { createWorld } from './world.ts'

export interface RunOptions {
  readonly root: string
  readonly binary: string
  readonly seed: number
  /** How long the load lasts; without it until enough was killed. */
  readonly seconds?: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

export interface Report {
  readonly kills: number
  readonly outcomes: ReadonlyMap<string, number>
  readonly claims: number
  readonly soldOut: number
  /** Ways of being wrong that the checks were shown on copies of the data, each of which they saw. */
  readonly proofs: number
  readonly violations: readonly string[]
  /** The last errors that the servers logged. */
  readonly logged: string
}

const database = 'laurel_event'
const logTail = 6000
/** What a killed process held in a transaction is free again after so long. It is 60 by default: no kill could then follow soon. */
const transactionLifetimeLimitSeconds = 5

/** Load and kills, then peace, then everything is sold, then everything is checked. Leaves nothing behind. */
export async function runPart (part: Part, { root, binary, seed, seconds, signal, say }: RunOptions): Promise<Report> {
  const random = createRandom(seed).fork(part.name)
  const acknowledged = createAcknowledged()
  const { outcomes, unexpected } = acknowledged
  const { dir, lock, remove } = await makeThrowAwayDir()
  const ends: Array<() => unknown> = [remove]
  const noteChild = (pid: number): void => { lock.note(pid) }
  try {
    const mongo = await part.startDatabase({ binary, dir, signal, noteChild })
    ends.push(mongo.stop)
    const tokens = await createTokens()
    ends.push(tokens.close)
    const log = join(dir, 'servers.log')
    const place = { root, authUrl: tokens.authUrl, mongoUri: mongo.uri, log, signal, noteChild, unexpected: (sentence: string) => { unexpected.push(sentence) } }
    const servers = [await createServer('first', place), await createServer('second', place)]
    ends.push(async () => { await Promise.all(servers.map(async ({ kill }) => { await kill() })) })
    await Promise.all(servers.map(async ({ start }) => { await start() }))
    const own = new MongoClient(mongo.uri, { readConcern: { level: 'majority' } })
    ends.push(async () => { await own.close() })
    await own.db('admin').command({ setParameter: 1, transactionLifetimeLimitSeconds })
    const db = own.db(database)

    const client = createClient(servers.map(({ url }) => url), tokens, acknowledged, signal)
    const events = await createWorld(client, random, acknowledged)
    let keys = 0
    const market: Place = { client, events, users: part.users, acknowledged, newKey: () => `key-${keys++}` }
    say('load and kills')
    const kills = await underLoad(market)
    say(`${kills} kills; waiting for the sweeper`)
    // An answer that nobody waited for may still be on its way.
    await sleep(500, undefined, { signal })
    const unsettled = await settle(db, signal)
    say('selling out')
    const soldOut = await sellOut(market, random, signal)
    unsettled.push(...await settle(db, signal))
    say('checking')
    const state = await readState(db)
    const violations = [...unexpected, ...unsettled, ...checkAll(state, acknowledged), ...await checkShown({ client, events, state, random })]
    signal.throwIfAborted()
    const proof = violations.length === 0 ? proveChecks(state, acknowledged) : { ways: 0, unseen: [] }
    violations.push(...unexpected.filter(sentence => !violations.includes(sentence)), ...proof.unseen.map(way => `the checks would not see it where ${way}`))
    return { kills, outcomes, claims: state.claims.length, soldOut, proofs: proof.ways, violations, logged: tailOf(log) }

    async function underLoad (market: Place): Promise<number> {
      const done = new AbortController()
      const until = Date.now() + (seconds ?? 0) * 1000
      let kills = 0
      const goesOn = (): boolean => seconds === undefined ? kills < part.enough : Date.now() < until
      const load = loadUntil(AbortSignal.any([done.signal, signal]), market, part.clients, random)
      try {
        await part.disturb({ servers, database: mongo, random, signal, goesOn, noteKill: () => { kills += 1 } })
      } finally {
        done.abort()
        await load
      }
      return kills
    }
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

function tailOf (log: string): string {
  return existsSync(log) ? readFileSync(log, 'utf8').slice(-logTail) : ''
}
