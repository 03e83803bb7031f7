import type { OnUnreadable } from '@laurel/shared/mongo'
import type { Tracing } from '@laurel/shared/tracing'
import { createStores, type Database } from '../stores/index.ts'
import { createAssessor } from './assess.ts'
import { createClaimBatch } from './claim-batch.ts'
import { createEvidenceReader } from './evidence.ts'
import { withGrants } from './grant-evidence.ts'
import { createGroupCommit } from './group-commit.ts'
import { createIngestion } from './ingestion.ts'
import { createProgress } from './progress.ts'
import { createSimulation } from './simulation.ts'
import { createSlotAllocator } from './slots.ts'
import { createSweeper, type SweeperOptions } from './sweeper.ts'

/** For the benchmarks, which use the engine without a server. */
export { collections } from '../stores/index.ts'

/** Called for each batch with its kind and the number of its requests. */
export type OnBatch = (kind: 'claims' | 'progress' | 'activities', requests: number) => void

/** The maximum number of claim requests in a batch. */
const maxClaims = 500

/** Creates event-service without HTTP: its stores and the engine on top of them. */
export function createEngine (
  db: Database, log: SweeperOptions['log'], onBatch: OnBatch, onUnreadable: OnUnreadable,
  tracing?: Pick<Tracing, 'traceBatches'>
) {
  const stores = createStores(db, onUnreadable)
  const { events, activities, claims, stock, coupons, snapshots } = stores
  const evidence = withGrants(createEvidenceReader(activities, snapshots), { claims, events })
  const assessor = createAssessor(events, evidence, tracing?.traceBatches('histories'))

  const claimBatch = createClaimBatch({ assessor, claims, slots: createSlotAllocator(stock, coupons) })
  const submit = createGroupCommit(claimBatch, {
    maxWeight: maxClaims,
    parallel: 2,
    overlapThreshold: 100,
    onBatch: requests => { onBatch('claims', requests) },
    tracer: tracing?.traceBatches('claims')
  })
  return {
    ...stores,
    claim: submit,
    progress: createProgress({
      assessor,
      evidence,
      claims,
      stock,
      onBatch: requests => { onBatch('progress', requests) },
      tracer: tracing?.traceBatches('progress')
    }),
    simulate: createSimulation({ evidence, activities, claims }),
    ingest: createIngestion(activities, {
      onBatch: requests => { onBatch('activities', requests) },
      tracer: tracing?.traceBatches('activities')
    }),
    sweeper: createSweeper({ claims, coupons, events, stock, log })
  }
}
