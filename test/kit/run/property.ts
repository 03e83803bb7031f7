import fc from 'fast-check'
import { inFullRun } from './size.ts'

const { PROPERTY_SEED: seed = '20261126', PROPERTY_RUNS: factor = '1' } = process.env

/**
 * Asserts a property for random cases: a fifth of `runs`, unless the run is a full one.
 * Every run has the same cases, so that whether a change is accepted does not depend on chance. PROPERTY_SEED chooses
 * others, and PROPERTY_RUNS is a factor by which there are more.
 * @throws {Error} with the counterexample, made as simple as possible
 */
export function assertProperty<Case> (property: fc.IRawProperty<Case, false>, runs: number): void {
  fc.assert(property, { seed: Number(seed), numRuns: inFullRun(runs, Math.ceil(runs / 5)) * Number(factor) })
}
