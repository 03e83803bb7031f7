import type { ClaimStatus } from '@laurel/shared/contracts'
import type { Check, ClaimRow } from '../state.ts'

const transitions: Readonly<Record<ClaimStatus | 'NONE', readonly ClaimStatus[]>> = {
  NONE: ['FAILED', 'GRANTED', 'PENDING'],
  FAILED: ['FAILED', 'GRANTED', 'PENDING'],
  PENDING: ['GRANTED', 'REJECTED'],
  GRANTED: [],
  REJECTED: [],
  REVOKED: []
}

/** Of repeated refusals, a history keeps the first one and this many of the last ones. */
const keptRefusals = 20

/** Each claim only moved forward, and its history contains every step. */
export const checkHistories: Check = ({ claims }) =>
  claims.flatMap(claim => faultsOf(claim).map(what => `claim ${claim._id}: ${what}`))

function faultsOf ({ status, attempts, history }: ClaimRow): string[] {
  const found: string[] = []
  const last = history.at(-1)?.to
  if (last !== status) found.push(`is ${status}, but its history ends with ${last}`)
  history.forEach(({ from, to }, index) => {
    const before = history[index - 1]?.to ?? null
    if (from !== before) found.push(`step ${index} comes from ${from}, but the step before leads to ${before}`)
    if (!transitions[from ?? 'NONE'].includes(to)) found.push(`went from ${from} to ${to}`)
  })
  const recorded = history.filter(({ from }) => from !== 'PENDING').length
  if (attempts < recorded) found.push(`has ${attempts} attempts, but ${recorded} in its history`)
  if (recorded < keptRefusals && attempts !== recorded) {
    found.push(`has ${attempts} attempts, but only ${recorded} in its history`)
  }
  return found
}
