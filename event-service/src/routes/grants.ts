import { grants as contract, type GrantRequest, type GrantResult } from '@laurel/shared/contracts'
import { invalidField } from '@laurel/shared/errors'
import type { Server } from '@laurel/shared/http'
import { actorOf } from '@laurel/shared/tokens'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failed, isolateAsync, zip } from '../batch.ts'
import { requireEvent } from '../domain/event.ts'
import type { GrantItem, GrantOutcome, GrantRun, StartGrants } from '../flows/grant-rewards.ts'
import type { EventStore } from '../stores/events.ts'
import { acceptCsv, CsvFile, jsonOrCsv } from './csv-files.ts'
import { readGrantFile, type GrantLine } from './grant-files.ts'
import { creationOf, markReplay } from './idempotency.ts'
import { itemFailure, requireSomeDecided } from './item-results.ts'
import { serializeClaim } from './serializers.ts'
import { itemsText, sendJson } from './streamed-json.ts'

export interface GrantRoutesOptions {
  readonly events: EventStore
  readonly startGrants: StartGrants
}

type Request = FastifyRequest<{ Querystring: GrantQuery, Params: { eventId: string } }>
type GrantQuery = Pick<Partial<GrantRequest>, 'condition' | 'reason'> & { dryRun?: 'true' | 'false' }

/** A list of grants in chunks of at most 500. */
interface GrantList extends Pick<GrantRequest, 'condition' | 'reason'> {
  readonly count: number
  readonly chunks: Iterable<readonly GrantLine[]>
}

const chunkSize = 500

export async function grantRoutes (app: Server, { events, startGrants }: GrantRoutesOptions): Promise<void> {
  acceptCsv(app)

  app.route({
    ...jsonOrCsv(contract.grantRewards),
    async handler (request: Request, reply) {
      const { eventId } = request.params
      const list = listOf(request)
      requireEvent(await events.find(eventId))
      const operator = actorOf(request)
      const { condition, reason, count } = list
      const idempotencyKey = creationOf(request)?.key
      const run = await startGrants({ eventId, operator, condition, reason }, {
        count,
        dryRun: request.query.dryRun === 'true',
        ...(idempotencyKey === undefined ? {} : { idempotencyKey })
      })
      return await send(request, reply, list, run)
    }
  })
}

/** Sends all results. If there are several chunks, it sends each chunk while the rest of the list is being granted. */
async function send (
  request: Request, reply: FastifyReply, { chunks, count }: GrantList, run: GrantRun
): Promise<unknown> {
  const iterator = chunks[Symbol.iterator]()
  const next = async (): Promise<ReadonlyArray<readonly [GrantLine, GrantOutcome]> | undefined> => {
    const { value, done } = iterator.next()
    return done === true ? undefined : zip(value, await grantChunk(value, run))
  }
  // A list has at least one line.
  const first = await next() as ReadonlyArray<readonly [GrantLine, GrantOutcome]>
  requireSomeDecided(first.map(([, outcome]) => outcome))
  markReplay(reply, isReplay(first))
  const serialize = (outcomes: typeof first): GrantResult[] => outcomes.map(([line, outcome]) =>
    toResult(line, outcome, request))
  if (count <= chunkSize) return await reply.send({ results: serialize(first) })

  async function * body (): AsyncGenerator<string> {
    yield `{"results":[${itemsText(serialize(first))}`
    for (let outcomes = await next(); outcomes !== undefined; outcomes = await next()) {
      yield `,${itemsText(serialize(outcomes))}`
    }
    yield ']}'
  }
  return await sendJson(reply, body())
}

/** Grants the valid lines. If the whole batch fails, each of these lines fails. */
async function grantChunk (lines: readonly GrantLine[], run: GrantRun): Promise<GrantOutcome[]> {
  const valid = lines.flatMap(line => isValid(line) ? [line] : [])
  const granted = await isolateAsync(async () => valid.length === 0 ? [] : await run.grant(valid))
  const outcomes = new Map<GrantLine, GrantOutcome>(granted instanceof Failed
    ? valid.map(line => [line, granted])
    : zip(valid, granted))
  return lines.map(line => outcomes.get(line) ?? { code: 'INVALID_LINE', detail: String(line.problem) })
}

function isValid (line: GrantLine): line is GrantLine & GrantItem {
  return line.userId !== undefined
}

/** Whether every success is a replay of an earlier one. */
function isReplay (outcomes: ReadonlyArray<readonly [GrantLine, GrantOutcome]>): boolean {
  const successes = outcomes.flatMap(([, outcome]) => 'replayed' in outcome ? [outcome] : [])
  return successes.length > 0 && successes.every(({ replayed }) => replayed)
}

function toResult ({ line, userId }: GrantLine, outcome: GrantOutcome, request: Request): GrantResult {
  const place = line === 0 ? {} : { line }
  if (outcome instanceof Failed || 'code' in outcome) {
    const failure = outcome instanceof Failed ? itemFailure(outcome.error, request) : { ok: false as const, ...outcome }
    return { ...place, ...(userId === undefined ? {} : { userId }), ...failure }
  }
  const { claim } = outcome
  const serialized = claim === undefined ? {} : { claim: serializeClaim(claim, actorOf(request).role) }
  return { ...place, userId: String(userId), ok: true, ...serialized }
}

/** Returns the list in the body. Throws a 400 if it is invalid. */
function listOf ({ query: { condition, reason }, body }: Request): GrantList {
  if (body instanceof CsvFile) {
    if (condition === undefined) throw invalidField('/condition', 'is required')
    if (reason === undefined) throw invalidField('/reason', 'is required')
    const { count, chunks } = readGrantFile(body)
    return { condition, reason, count, chunks: chunks(chunkSize) }
  }
  if (condition !== undefined) throw invalidField('/condition', 'must be in the JSON body')
  if (reason !== undefined) throw invalidField('/reason', 'must be in the JSON body')
  const { grants, ...rest } = body as GrantRequest
  return { ...rest, count: grants.length, chunks: [grants.map(grant => ({ line: 0, ...grant }))] }
}
