import { groupBy, type Check } from '../state.ts'
import { differences } from './claims.ts'

const reviewActions = ['approveClaim', 'rejectClaim']

/** Every acknowledged review is stored, each claim was reviewed once, and each review has one audit entry. */
export const checkReviews: Check = ({ claims, audits }, { reviews }) => {
  const rows = new Map(claims.map(row => [row._id, row]))
  const wrong = reviews.flatMap(({ claim, reviewer, replayed }) => {
    const row = rows.get(claim.id)
    if (row === undefined) return [`claim ${claim.id}, acknowledged as ${claim.status} to ${reviewer}, is missing`]
    const storedReviewer = row.history.at(-1)?.by
    const isTheirs = replayed || storedReviewer === reviewer
    const stolen = isTheirs ? [] : [`was acknowledged to ${reviewer}, but ${storedReviewer} is stored`]
    return [...differences(claim, row), ...stolen].map(what => `review of ${claim.id}: ${what}`)
  })
  const repeated = [...groupBy(reviews.filter(({ replayed }) => !replayed), ({ claim }) => claim.id)]
    .filter(([, { length }]) => length > 1)
    .map(([id, { length }]) => `claim ${id} was reviewed ${length} times`)
  const audited = groupBy(audits.filter(({ action }) => reviewActions.includes(action)), ({ targetId }) => targetId)
  const wrongAudits = claims.flatMap(({ _id, status, history }) => {
    const action = status === 'GRANTED' ? 'approveClaim' : 'rejectClaim'
    const expected = history.some(({ from }) => from === 'PENDING') ? action : ''
    const found = (audited.get(_id) ?? []).map(({ action }) => action).join()
    return found === expected ? [] : [`claim ${_id} is ${status}, and its audit entries are: ${found || 'none'}`]
  })
  return [...wrong, ...repeated, ...wrongAudits]
}
