import type { ClaimStatus } from '@laurel/shared/contracts'
import type { Check, ClaimRow } from '../state.ts'

const moves: Readonly<Record<ClaimStatus | 'NONE', readonly ClaimStatus[]>> = {
  NONE: ['FAILED', 'GRANTED', 'PENDING'],
  FAILED: ['FAILED', 'GRANTED', 'PENDING'],
  PENDING: ['GRANTED', 'REJECTED'],
  GRANTED: [],
  REJECTED: [],
  REVOKED: []
}

/** Of repeated refusals the first and this many of the last are kept. */
const keptRefusals = 20

/** Each claim only moved forward, and its history tells every step. */
export const checkHistories: Check = ({ claims }) => claims.flatMap(claim => faults(claim).map(what => `claim ${claim._id}: ${what}`))

function faults ({ status, attempts, history }: ClaimRow): string[] {
  const found: string[] = []
  if (history.at(-1)?.to !== status) found.push(`is ${status}, but its history ends with ${history.at(-1)?.to}`)
  history.forEach(({ from, to }, index) => {
    const before = history[index - 1]?.to ?? null
    if (from !== before) found.push(`step ${index} comes from ${from}, but ${before} was before`)
    if (!moves[from ?? 'NONE'].includes(to)) found.push(`went from ${from} to ${to}`)
  })
  const asked = history.filter(({ from }) => from !== 'PENDING').length
  if (attempts < asked) found.push(`has ${attempts} attempts, but ${asked} are in its history`)
  if (asked < keptRefusals && attempts !== asked) found.push(`has ${attempts} attempts, but only ${asked} are in its history`)
  return found
}
