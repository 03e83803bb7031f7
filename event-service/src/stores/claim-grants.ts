import type { GrantedReward, LedgerEntry } from '@laurel/shared/contracts'
import {
  findEntryPage, readDocuments, timeLimit, type ListQuery, type OnUnreadable, type PageOf
} from '@laurel/shared/mongo'
import type { Collection, Filter } from 'mongodb'
import type { Claim } from '../domain/claim.ts'
import { checkRewards, readClaim, type ClaimDocument } from './claim-documents.ts'
import { distinctUsers } from './distinct-users.ts'

/** One reward of a claim that was granted. */
export interface Grant {
  readonly claim: Claim
  readonly reward: GrantedReward
  /** Its index in the rewards of the claim. */
  readonly index: number
}

/** A change of a wallet: a grant or its revocation. */
export interface Booking extends Grant {
  readonly direction: LedgerEntry['direction']
}

/** The properties of a standing grant (one that is not revoked) that conditions can count. */
type StandingGrant = Required<Pick<Claim, 'userId' | 'eventId' | 'period' | 'grantedAt'>>

/** Reads the rewards that users were granted. */
export interface ClaimGrants {
  /** Yields the ids of all users who were ever granted a claim, each once, at most this many at a time. */
  usersWithGrants: (size: number) => AsyncGenerator<string[]>
  /** Returns the rewards of each standing grant of a user. */
  grantsOf: (userId: string) => Promise<Array<readonly GrantedReward[]>>
  /** Returns the standing grants of these users whose instant is in `[from, to)`. */
  standingGrants: (userIds: readonly string[], from: Date, to: Date) => Promise<readonly StandingGrant[]>
  /** Returns a page of the rewards of this type that a user was ever granted, by the time of the grant. */
  listGrants: (userId: string, query: ListQuery, type: GrantedReward['type']) => Promise<PageOf<Grant>>
  /** Returns a page of the grants and revocations of a user, each at its own time. */
  listBookings: (userId: string, query: ListQuery) => Promise<PageOf<Booking>>
}

export function createClaimGrants (claims: Collection<ClaimDocument>, onUnreadable: OnUnreadable): ClaimGrants {
  function grantsIn (document: ClaimDocument): Grant[] {
    return readDocuments([document], readClaim, onUnreadable).flatMap(claim =>
      claim.rewards.map((reward, index) => ({ claim, reward, index })))
  }

  return {
    usersWithGrants: size => distinctUsers(claims, 'user_by_grant', { grantedAt: { $exists: true } }, size),
    async grantsOf (userId) {
      const filter: Filter<ClaimDocument> = { userId, grantedAt: { $exists: true }, status: 'GRANTED' }
      const documents = await claims.find(filter, { projection: { rewards: 1 }, ...timeLimit }).toArray()
      return readDocuments(documents, document => {
        checkRewards(document)
        return document.rewards
      }, onUnreadable)
    },
    async standingGrants (userIds, from, to) {
      const filter = { userId: { $in: [...userIds] }, grantedAt: { $gte: from, $lt: to }, status: 'GRANTED' } as const
      const projection = { _id: 0, userId: 1, eventId: 1, period: 1, grantedAt: 1 }
      return await claims
        .find(filter, { hint: 'user_by_grant', batchSize: 10_000, ...timeLimit })
        .project<StandingGrant>(projection)
        .toArray()
    },
    async listGrants (userId, query, type) {
      const filter: Filter<ClaimDocument> = { userId, grantedAt: { $exists: true }, 'rewards.type': type }
      const entriesOf = (document: ClaimDocument): Grant[] =>
        grantsIn(document).filter(({ reward }) => reward.type === type)
      return await findEntryPage(claims, [{ filter, by: 'grantedAt', entriesOf }], query)
    },
    async listBookings (userId, query) {
      const bookings = (by: 'grantedAt' | 'revokedAt', direction: Booking['direction']) => ({
        filter: { userId, [by]: { $exists: true } } as Filter<ClaimDocument>,
        by,
        entriesOf: (document: ClaimDocument): Booking[] => grantsIn(document).map(grant => ({ ...grant, direction }))
      })
      const sources = [bookings('grantedAt', 'CREDIT'), bookings('revokedAt', 'DEBIT')]
      return await findEntryPage(claims, sources, query)
    }
  }
}
