import { Type, type Static } from 'typebox'
import { Id, Instant, Strict } from './common.ts'
import { example } from './examples.ts'

/** A device or browser on which a user is logged in. */
export const Session = Strict({
  id: Id('The id of the session.'),
  createdAt: Instant('When the user logged in.'),
  lastUsedAt: Instant('When the session was last refreshed, or when it began.'),
  expiresAt: Instant('When the session ends if it is not refreshed.'),
  current: Type.Boolean({ description: 'Whether this is the session of the request.' })
}, {
  title: 'Session',
  description: 'A device or browser on which a user is logged in.',
  examples: [{
    id: example.sessionId,
    createdAt: example.at,
    lastUsedAt: example.at,
    expiresAt: '2026-12-05T09:00:00.000Z',
    current: true
  }]
})
export type Session = Static<typeof Session>

/** Ended sessions whose access tokens may not have expired yet. It contains ids only. */
export const Revocations = Strict({
  asOf: Instant('The clock of auth-service before it read the sessions.'),
  revocations: Type.Array(Strict({
    sessionId: Id('The id of a session or a machine client.'),
    at: Instant('When it ended.')
  }))
}, { title: 'Revocations', description: 'Ended sessions whose access tokens may not have expired yet.' })
export type Revocations = Static<typeof Revocations>
