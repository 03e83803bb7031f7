import type { IngestionResult, NewActivity } from '@laurel/shared/contracts'
import type { LookUpAccounts } from '../auth-service-client.ts'
import { zip } from '../batch.ts'
import { screenActivities, type Sender } from '../domain/activity.ts'
import type { Ingest } from '../engine/ingestion.ts'
import type { ActivityStore, Inserted } from '../stores/activities.ts'

export interface IngestActivitiesOptions {
  readonly activities: Pick<ActivityStore, 'areKnown'>
  readonly write: Ingest
  readonly lookUp: LookUpAccounts
}

/** A request whose activities are stored part by part, or only checked in a dry run. */
export interface IngestionRun {
  /** Stores at most 500 activities. In a dry run, returns the result that storing them would have. */
  ingest: (reported: readonly NewActivity[]) => Promise<Omit<IngestionResult, 'unknownUsers'>>
  /** Returns the user ids without an account so far, or `undefined` if this is not a dry run. */
  unknownUsers: () => string[] | undefined
}

export type StartIngestion = (sender: Sender, dryRun: boolean) => IngestionRun

/** Returns the flow that stores reported activities. A dry run reads what is stored and writes nothing. */
export function createIngestActivities ({ activities, write, lookUp }: IngestActivitiesOptions): StartIngestion {
  return (sender, dryRun) => {
    const preview = createPreview(activities)
    const users = createUserCheck(lookUp)
    return {
      async ingest (reported) {
        const { accepted, rejected } = screenActivities(reported, sender, new Date())
        if (!dryRun) return { ...await write(accepted), rejected }
        const [counted] = await Promise.all([preview(accepted), users.check(reported)])
        return { ...counted, rejected }
      },
      unknownUsers: () => dryRun ? users.unknown() : undefined
    }
  }
}

/** Returns a function that predicts the counts of `write`, as if the earlier parts of the request had been stored. */
function createPreview (activities: IngestActivitiesOptions['activities']): Ingest {
  const seen = new Set<string>()
  return async (accepted): Promise<Inserted> => {
    if (accepted.length === 0) return { accepted: 0, duplicates: 0 }
    let added = 0
    for (const [{ userId, id }, isKnown] of zip(accepted, await activities.areKnown(accepted))) {
      const name = `${userId} ${id}`
      if (!isKnown && !seen.has(name)) added += 1
      seen.add(name)
    }
    return { accepted: added, duplicates: accepted.length - added }
  }
}

function createUserCheck (lookUp: LookUpAccounts) {
  /** Whether each user has an account. */
  const known = new Map<string, boolean>()
  return {
    async check (reported: readonly NewActivity[]): Promise<void> {
      const unchecked = [...new Set(reported.map(({ userId }) => userId))].filter(userId => !known.has(userId))
      if (unchecked.length === 0) return
      const found = await lookUp(unchecked)
      for (const userId of unchecked) known.set(userId, found.has(userId))
    },
    unknown: (): string[] => [...known].flatMap(([userId, exists]) => exists ? [] : [userId])
  }
}
