import fc from 'fast-check'
import { inFullRun } from './size.ts'

const { PROPERTY_SEED: seed = '20261126', PROPERTY_RUNS: factor = '1' } = process.env

function parametersOf (runs: number): { readonly seed: number, readonly numRuns: number } {
  return { seed: Number(seed), numRuns: inFullRun(runs, Math.ceil(runs / 5)) * Number(factor) }
}

/**
 * Asserts a property for random cases: a fifth of `runs`, unless the run is a full one. Every run has the same cases,
 * so that the result does not depend on chance. PROPERTY_SEED selects other cases, and PROPERTY_RUNS multiplies their
 * number. @throws {Error} with the counterexample, made as simple as possible
 */
export function assertProperty<Case> (property: fc.IRawProperty<Case, false>, runs: number): void {
  fc.assert(property, parametersOf(runs))
}

/** Does the same for a property that uses a server or a database. */
export async function assertAsyncProperty<Case> (property: fc.IAsyncProperty<Case>, runs: number): Promise<void> {
  await fc.assert(property, parametersOf(runs))
}
