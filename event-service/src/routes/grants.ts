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
import { idempotencyKeyOf, markReplay } from './idempotency.ts'
import { itemFailure, requireSomeDecided } from './item-results.ts'
import { serializeClaim } from './serializers.ts'
import { sendChunks } from './streamed-json.ts'

export interface GrantRoutesOptions {
  readonly events: EventStore
  readonly startGrants: StartGrants
}

type GrantHttpRequest = FastifyRequest<{ Querystring: GrantQuery, Params: { eventId: string } }>
type GrantQuery = Pick<Partial<GrantRequest>, 'condition' | 'reason'> & { dryRun?: 'true' | 'false' }

/** A list of grants in chunks of at most 500. */
interface GrantList extends Pick<GrantRequest, 'condition' | 'reason'> {
  readonly count: number
  readonly chunks: Iterable<readonly GrantLine[]>
}

/** The lines of a chunk with their outcomes. */
type LineOutcomes = ReadonlyArray<readonly [GrantLine, GrantOutcome]>

const chunkSize = 500

export async function grantRoutes (app: Server, { events, startGrants }: GrantRoutesOptions): Promise<void> {
  acceptCsv(app)

  app.route({
    ...jsonOrCsv(contract.grantRewards),
    async handler (request: GrantHttpRequest, reply) {
      const { eventId } = request.params
      const list = listOf(request)
      const event = requireEvent(await events.find(eventId))
      const operator = actorOf(request)
      const { condition, reason, count } = list
      const idempotencyKey = idempotencyKeyOf(request)
      const run = await startGrants({ eventId, operator, condition, reason }, {
        event,
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
  request: GrantHttpRequest, reply: FastifyReply, { chunks, count }: GrantList, run: GrantRun
): Promise<unknown> {
  const granted = grantChunks(chunks, run)
  // A list has at least one line.
  const { value: first } = await granted.next() as IteratorYieldResult<LineOutcomes>
  requireSomeDecided(first.map(([, outcome]) => outcome))
  markReplay(reply, isReplay(first))
  const serialize = (outcomes: LineOutcomes): GrantResult[] => outcomes.map(([line, outcome]) =>
    toResult(line, outcome, request))
  if (count <= chunkSize) return await reply.send({ results: serialize(first) })

  async function * results (): AsyncGenerator<GrantResult[]> {
    yield serialize(first)
    for await (const outcomes of granted) yield serialize(outcomes)
  }
  return await sendChunks(reply, 'results', results())
}

async function * grantChunks (
  chunks: Iterable<readonly GrantLine[]>, run: GrantRun
): AsyncGenerator<LineOutcomes> {
  for (const lines of chunks) yield zip(lines, await grantChunk(lines, run))
}

/** Grants the valid lines. If the whole batch fails, each of these lines fails. */
async function grantChunk (lines: readonly GrantLine[], run: GrantRun): Promise<GrantOutcome[]> {
  const valid = lines.flatMap(line => isValid(line) ? [line] : [])
  const granted = await isolateAsync(async () => valid.length === 0 ? [] : await run.grant(valid))
  const outcomes = new Map<GrantLine, GrantOutcome>(granted instanceof Failed
    ? valid.map(line => [line, granted])
    : zip(valid, granted))
  return lines.map(line => outcomes.get(line) ?? invalidLine(line))
}

function invalidLine ({ problem }: GrantLine): GrantOutcome {
  return { type: 'refused', code: 'INVALID_LINE', detail: String(problem) }
}

function isValid (line: GrantLine): line is GrantLine & GrantItem {
  return line.userId !== undefined
}

/** Whether every success is a replay of an earlier one. */
function isReplay (outcomes: LineOutcomes): boolean {
  const successes = outcomes.flatMap(([, outcome]) => outcome.type === 'granted' ? [outcome] : [])
  return successes.length > 0 && successes.every(({ replayed }) => replayed)
}

function toResult ({ line, userId }: GrantLine, outcome: GrantOutcome, request: GrantHttpRequest): GrantResult {
  const item = { ...(line === undefined ? {} : { line }), ...(userId === undefined ? {} : { userId }) }
  switch (outcome.type) {
    case 'failed': return { ...item, ...itemFailure(outcome.error, request) }
    case 'refused': return { ...item, ok: false, code: outcome.code, detail: outcome.detail }
    case 'granted': {
      const { claim } = outcome
      const serialized = claim === undefined ? {} : { claim: serializeClaim(claim, actorOf(request).role) }
      return { ...item, userId: String(userId), ok: true, ...serialized }
    }
  }
}

/** Returns the list in the body. Throws a 400 if it is invalid. */
function listOf ({ query: { condition, reason }, body }: GrantHttpRequest): GrantList {
  if (body instanceof CsvFile) {
    if (condition === undefined) throw invalidField('/condition', 'is required')
    if (reason === undefined) throw invalidField('/reason', 'is required')
    const { count, chunks } = readGrantFile(body)
    return { condition, reason, count, chunks: chunks(chunkSize) }
  }
  if (condition !== undefined) throw invalidField('/condition', 'must be in the JSON body')
  if (reason !== undefined) throw invalidField('/reason', 'must be in the JSON body')
  const { grants, ...rest } = body as GrantRequest
  return { ...rest, count: grants.length, chunks: [grants] }
}
