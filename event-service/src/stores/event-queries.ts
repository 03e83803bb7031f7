import type { EventSummary } from '@laurel/shared/contracts'
import {
  timeLimit, findPage, findRankedPage, readDocuments, type ListQuery, type OnUnreadable, type PageOf
} from '@laurel/shared/mongo'
import { searchPattern } from '@laurel/shared/text'
import type { Collection, Filter } from 'mongodb'
import { isolate, type Failed } from '../batch.ts'
import { coalesce } from '../coalesce.ts'
import type { RewardEvent } from '../domain/event.ts'
import { createReadBatch, type ReadBatch } from './batch-read.ts'
import { toEvent, type EventDocument } from './event-documents.ts'
import { settingsId } from './settings.ts'

export interface EventFilter {
  readonly status?: EventSummary['status']
  readonly phase?: EventSummary['phase']
  /** Only events that can be claimed now: between `startsAt` and `claimUntil`, or `endsAt` without it. */
  readonly claimable?: boolean
  /** A part of the name, case-insensitive. */
  readonly text?: string
  /** Only events of this group, by position, then by creation. By default, in ascending order. */
  readonly group?: string
  readonly now: Date
}

/** Reads events. */
export interface EventQueries {
  /** Concurrent callers share one read. */
  find: (id: string) => Promise<RewardEvent | null>
  /** Returns the events with these ids that exist. An event that cannot be read is `Failed`. */
  findMany: (ids: readonly string[]) => Promise<Map<string, RewardEvent | Failed>>
  /** Reads events together with the settings of the platform, in one command. */
  readBatch: ReadBatch
  /** Returns the groups of these events. Omits events without a group and events that do not exist. */
  groupsOf: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>
  /** Omits events that cannot be read. */
  list: (filter: EventFilter, query: ListQuery) => Promise<PageOf<RewardEvent>>
}

export function createEventQueries (events: Collection<EventDocument>, onUnreadable: OnUnreadable): EventQueries {
  return {
    find: coalesce(async id => {
      const found = await events.findOne({ _id: id }, timeLimit)
      return found === null ? null : toEvent(found)
    }),
    async findMany (ids) {
      const found = await events.find({ _id: { $in: [...ids] } }, timeLimit).toArray()
      return new Map(found.map(document => [document._id, isolate(() => toEvent(document))]))
    },
    readBatch: createReadBatch(events),
    async groupsOf (ids) {
      if (ids.length === 0) return new Map()
      const options = { projection: { group: 1 }, ...timeLimit }
      const found = await events.find({ _id: { $in: [...ids] } }, options).toArray()
      return new Map(found.flatMap(({ _id, group }) => typeof group === 'string' ? [[_id, group] as const] : []))
    },
    async list ({ status, phase, claimable = false, text, group, now }, query) {
      const filter: Filter<EventDocument> = {
        _id: { $ne: settingsId },
        ...(status === undefined ? {} : { status }),
        ...(group === undefined ? {} : { group }),
        ...phaseFilter(phase, now),
        ...(claimable ? claimableFilter(now) : {}),
        ...(text === undefined ? {} : { name: { $regex: searchPattern(text), $options: 'i' } })
      }
      const page = group === undefined
        ? await findPage(events, filter, query)
        : await findRankedPage(events, filter, { ...query, order: query.order ?? 'asc' }, 'position')
      return { data: readDocuments(page.data, toEvent, onUnreadable), nextCursor: page.nextCursor }
    }
  }
}

function phaseFilter (phase: EventFilter['phase'], now: Date): Filter<EventDocument> {
  switch (phase) {
    case 'SCHEDULED': return { startsAt: { $gt: now } }
    case 'RUNNING': return { startsAt: { $lte: now }, endsAt: { $gt: now } }
    case 'ENDED': return { endsAt: { $lte: now } }
    case undefined: return {}
  }
}

function claimableFilter (now: Date): Filter<EventDocument> {
  return { startsAt: { $lte: now }, $or: [{ claimUntil: { $gt: now } }, { claimUntil: null, endsAt: { $gt: now } }] }
}
