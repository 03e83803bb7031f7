import type { Attempt } from '../../src/domain/decision.ts'

/** Returns a decision that grants a claim of this user, made at this time. */
export function grantTo (userId: string, at = new Date()): Attempt {
  return {
    status: 'GRANTED',
    period: 'EVENT',
    progress: null,
    rewards: [],
    eventId: 'e',
    userId,
    role: 'USER',
    at,
    requestId: 'r'
  }
}
