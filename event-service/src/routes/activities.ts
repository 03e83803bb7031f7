import {
  activities as contract, type ActivityBatch, type IngestionResult, type NewActivity
} from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failed, isolateAsync } from '../batch.ts'
import { checkMayImport } from '../domain/activity.ts'
import type { IngestionRun, StartIngestion } from '../flows/ingest-activities.ts'
import type { ActivityStore } from '../stores/activities.ts'
import { readActivityFile, type ActivityFile, type ActivityLine } from './activity-files.ts'
import { acceptCsv, CsvFile, jsonOrCsv } from './csv-files.ts'
import { itemFailure } from './item-results.ts'
import { serializeActivity } from './serializers.ts'
import { sendChunks } from './streamed-json.ts'

export interface ActivityRoutesOptions {
  readonly activities: ActivityStore
  readonly startIngestion: StartIngestion
}

type IngestionRequest = FastifyRequest<{ Querystring: { dryRun?: 'true' | 'false' } }>
type Rejected = IngestionResult['rejected']

/** The result of a chunk of a file. */
type ChunkResult = Omit<IngestionResult, 'unknownUsers'>

interface ValidLine {
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
    async handler (request: IngestionRequest, reply) {
      const { query, body } = request
      const sender = callerOf(request)
      if (body instanceof CsvFile) checkMayImport(sender)
      const run = startIngestion(sender, query.dryRun === 'true')
      if (body instanceof CsvFile) return await sendFile(request, reply, readActivityFile(body), run)
      const result = await run.ingest((body as ActivityBatch).activities)
      return { ...result, ...unknownUsersOf(run) }
    }
  })

  app.route({
    ...contract.listActivities,
    async handler (request) {
      const { type, from, to, ...page } = request.query
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

function unknownUsersOf (run: IngestionRun): Pick<IngestionResult, 'unknownUsers'> {
  const unknownUsers = run.unknownUsers()
  return unknownUsers === undefined ? {} : { unknownUsers }
}

/** Stores a file in chunks. Streams the response if there are several chunks. Throws if the first chunk fails. */
async function sendFile (
  request: IngestionRequest, reply: FastifyReply, { count, chunks }: ActivityFile, run: IngestionRun
): Promise<unknown> {
  const total = { accepted: 0, duplicates: 0 }
  const others = () => ({ ...total, ...unknownUsersOf(run) })

  /** Stores each chunk and yields its rejected lines. */
  async function * ingestChunks (): AsyncGenerator<Rejected> {
    let from = 0
    for (const lines of chunks(chunkSize)) {
      const stored = await isolateAsync(async () => await ingestLines(lines, run))
      if (stored instanceof Failed && from === 0) throw stored.error
      const { accepted, duplicates, rejected } = stored instanceof Failed
        ? failedChunk(lines, stored.error, request)
        : stored
      total.accepted += accepted
      total.duplicates += duplicates
      const offset = from
      yield rejected.map(one => ({ ...one, index: offset + one.index }))
      from += lines.length
    }
  }

  const ingested = ingestChunks()
  // A file has at least one line.
  const { value: first } = await ingested.next() as IteratorYieldResult<Rejected>
  if (count <= chunkSize) return { rejected: first, ...others() }

  async function * rejected (): AsyncGenerator<Rejected> {
    yield first
    yield * ingested
  }
  return await sendChunks(reply, 'rejected', rejected(), others)
}

/** Stores the lines that are valid. */
async function ingestLines (lines: readonly ActivityLine[], run: IngestionRun): Promise<ChunkResult> {
  const valid = lines.flatMap(({ activity }, index): ValidLine[] =>
    activity === undefined ? [] : [{ activity, index }])
  const { rejected, ...counts } = await run.ingest(valid.map(({ activity }) => activity))
  const placed = rejected.map(({ index, ...reason }) => ({ ...reason, index: (valid[index] as ValidLine).index }))
  return { ...counts, rejected: withLineNumbers(lines, [...invalidLinesOf(lines), ...placed]) }
}

/** Returns the results of lines that could not be stored. The sender can send them again. */
function failedChunk (lines: readonly ActivityLine[], error: unknown, request: IngestionRequest): ChunkResult {
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
