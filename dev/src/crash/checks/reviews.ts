import { groupBy, type Check } from '../state.ts'
import { differences } from './claims.ts'

/** Acknowledged reviews are there, each claim was decided once, and each decision has its audit row. */
export const checkReviews: Check = ({ claims, audits }, { reviews }) => {
  const rows = new Map(claims.map(row => [row._id, row]))
  const lost = reviews.flatMap(({ claim, reviewer, replayed }) => {
    const row = rows.get(claim.id)
    if (row === undefined) return [`claim ${claim.id} was acknowledged as ${claim.status} to ${reviewer} and is not there`]
    const decidedBy = row.history.at(-1)?.by
    const stolen = replayed || decidedBy === reviewer ? [] : [`the decision was acknowledged to ${reviewer}, but is that of ${decidedBy}`]
    return [...differences(claim, row), ...stolen].map(what => `review of ${claim.id}: ${what}`)
  })
  const twice = [...groupBy(reviews.filter(({ replayed }) => !replayed), ({ claim }) => claim.id)]
    .filter(([, { length }]) => length > 1)
    .map(([id, { length }]) => `claim ${id} was decided ${length} times`)
  const audited = groupBy(audits.filter(({ action }) => action === 'approveClaim' || action === 'rejectClaim'), ({ targetId }) => targetId)
  const unaudited = claims.flatMap(({ _id, status, history }) => {
    const expected = history.some(({ from }) => from === 'PENDING') ? [status === 'GRANTED' ? 'approveClaim' : 'rejectClaim'] : []
    const found = (audited.get(_id) ?? []).map(({ action }) => action)
    return found.join() === expected.join() ? [] : [`claim ${_id} is ${status}, and its audit rows are: ${found.join() || 'none'}`]
  })
  return [...lost, ...twice, ...unaudited]
}
