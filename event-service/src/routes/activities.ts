import {
  activities as contract, type ActivityBatch, type IngestionResult, type NewActivity
} from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failed, isolateAsync } from '../batch.ts'
import type { IngestionRun, StartIngestion } from '../flows/ingest-activities.ts'
import type { ActivityStore } from '../stores/activities.ts'
import { readActivityFile, type ActivityFile, type ActivityLine } from './activity-files.ts'
import { acceptCsv, CsvFile, jsonOrCsv } from './csv-files.ts'
import { itemFailure } from './item-results.ts'
import { serializeActivity } from './serializers.ts'
import { itemsText, sendJson } from './streamed-json.ts'

export interface ActivityRoutesOptions {
  readonly activities: ActivityStore
  readonly startIngestion: StartIngestion
}

type Request = FastifyRequest<{ Querystring: { dryRun?: 'true' | 'false' } }>
type Rejected = IngestionResult['rejected']

/** The result of a part of a file. */
type Part = Omit<IngestionResult, 'unknownUsers'>

interface Placed {
  readonly activity: NewActivity
  readonly index: number
}

/** How many lines of a file are stored together. */
const chunkSize = 500

export async function activityRoutes (
  app: Server, { activities, startIngestion }: ActivityRoutesOptions
): Promise<void> {
  acceptCsv(app)

  app.route({
    ...jsonOrCsv(contract.ingestActivities),
    async handler (request: Request, reply) {
      const { query, body } = request
      const sender = callerOf(request)
      if (body instanceof CsvFile && sender.role !== 'ADMIN') throw onlyAdmin()
      const run = startIngestion(sender, query.dryRun === 'true')
      if (body instanceof CsvFile) return await sendFile(request, reply, readActivityFile(body), run)
      const result = await run.ingest((body as ActivityBatch).activities)
      return { ...result, ...unknownUsersOf(run) }
    }
  })

  app.route({
    ...contract.listActivities,
    async handler (request) {
      const { type, from = '', to = '', ...page } = request.query
      const filter = { userId: request.params.userId, type, from: parseInstant(from), to: parseInstant(to) }
      const { data, nextCursor } = await activities.list(filter, page)
      return { data: data.map(serializeActivity), nextCursor }
    }
  })

  app.route({
    ...contract.ingestInternalActivities,
    handler: async request =>
      await startIngestion({ id: 'platform', role: 'PLATFORM' }, false).ingest(request.body.activities)
  })
}

function onlyAdmin (): DomainError {
  return new DomainError('forbidden', 'FORBIDDEN', 'Only an ADMIN can send activities as CSV; send them as JSON.')
}

function unknownUsersOf (run: IngestionRun): Pick<IngestionResult, 'unknownUsers'> {
  const unknownUsers = run.unknownUsers()
  return unknownUsers === undefined ? {} : { unknownUsers }
}

/** Stores a file in chunks. Streams the response if there are several chunks. Throws if the first chunk fails. */
async function sendFile (
  request: Request, reply: FastifyReply, { count, chunks }: ActivityFile, run: IngestionRun
): Promise<unknown> {
  const iterator = chunks(chunkSize)[Symbol.iterator]()
  const total = { accepted: 0, duplicates: 0 }
  let index = 0

  /** Stores the next chunk. Returns its rejected lines, or `undefined` at the end of the file. */
  async function next (): Promise<Rejected | undefined> {
    const { value: lines, done } = iterator.next()
    if (done === true) return undefined
    const stored = await isolateAsync(async () => await ingestLines(lines, run))
    if (stored instanceof Failed && index === 0) throw stored.error
    const part = stored instanceof Failed ? failedPart(lines, stored.error, request) : stored
    total.accepted += part.accepted
    total.duplicates += part.duplicates
    const from = index
    index += lines.length
    return part.rejected.map(one => ({ ...one, index: from + one.index }))
  }

  // A file has at least one line.
  const first = await next() as Rejected
  if (count <= chunkSize) return { ...total, rejected: first, ...unknownUsersOf(run) }

  async function * body (): AsyncGenerator<string> {
    let isFirst = true
    yield '{"rejected":['
    for (let rejected: Rejected | undefined = first; rejected !== undefined; rejected = await next()) {
      if (rejected.length === 0) continue
      yield `${isFirst ? '' : ','}${itemsText(rejected)}`
      isFirst = false
    }
    yield `],${JSON.stringify({ ...total, ...unknownUsersOf(run) }).slice(1)}`
  }
  return await sendJson(reply, body())
}

/** Stores the lines that are valid. */
async function ingestLines (lines: readonly ActivityLine[], run: IngestionRun): Promise<Part> {
  const valid = lines.flatMap(({ activity }, index): Placed[] =>
    activity === undefined ? [] : [{ activity, index }])
  const { rejected, ...counts } = await run.ingest(valid.map(({ activity }) => activity))
  const placed = rejected.map(({ index, ...reason }) => ({ ...reason, index: (valid[index] as Placed).index }))
  return { ...counts, rejected: withLineNumbers(lines, [...invalidLinesOf(lines), ...placed]) }
}

/** Returns the results of lines that could not be stored. The sender can send them again. */
function failedPart (lines: readonly ActivityLine[], error: unknown, request: Request): Part {
  const { code, detail } = itemFailure(error, request)
  const failed = lines.flatMap(({ activity }, index) => activity === undefined ? [] : [{ index, code, detail }])
  return { accepted: 0, duplicates: 0, rejected: withLineNumbers(lines, [...invalidLinesOf(lines), ...failed]) }
}

function invalidLinesOf (lines: readonly ActivityLine[]): Rejected {
  return lines.flatMap(({ problem }, index) =>
    problem === undefined ? [] : [{ index, code: 'INVALID_LINE', detail: problem }])
}

/** Returns the rejections in the order of their lines, with the line numbers. */
function withLineNumbers (lines: readonly ActivityLine[], rejected: Rejected): Rejected {
  return rejected
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, code, detail }) => ({ index, line: (lines[index] as ActivityLine).line, code, detail }))
}
