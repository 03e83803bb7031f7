/** Something the platform itself saw a user do, on its way to event-service. */
export interface PlatformActivity {
  /** Decides that it counts once: the same fact always has the same id. */
  readonly id: string
  readonly userId: string
  readonly type: 'user.login' | 'user.visited' | 'friend.invited'
  readonly occurredAt: Date
  readonly data?: Readonly<Record<string, string>>
}

/** A visit is counted at most once a user in this time. */
export const visitWindow = 15 * 60_000

/**
 * What a login tells: that it happened; that the user was there, named by the visit's own beginning, so that every
 * login of the same visit names the same fact; and, for an invited user, that the friend's invitation worked. That one is
 * named by the invited user and told by every login: a first login that was cut off loses nothing.
 */
export function activitiesOfLogin (login: {
  readonly sessionId: string
  readonly userId: string
  readonly invitedBy: string | null
  readonly at: Date
  readonly visitedAt: Date
  readonly firstLoginAt: Date
}): PlatformActivity[] {
  const { sessionId, userId, invitedBy, at, visitedAt, firstLoginAt } = login
  const activities: PlatformActivity[] = [
    { id: `login-${sessionId}`, userId, type: 'user.login', occurredAt: at },
    activityOfVisit(userId, visitedAt)
  ]
  if (invitedBy !== null) {
    activities.push({ id: `invited-${userId}`, userId: invitedBy, type: 'friend.invited', occurredAt: firstLoginAt, data: { inviteeId: userId } })
  }
  return activities
}

/** That a user was there, named by the visit's own beginning. */
export function activityOfVisit (userId: string, visitedAt: Date): PlatformActivity {
  return { id: `visit-${visitedAt.getTime()}`, userId, type: 'user.visited', occurredAt: visitedAt }
}
