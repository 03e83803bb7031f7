/** An activity of a user that the platform itself reports to event-service. */
export interface PlatformActivity {
  /** The id is derived from the content, so that an activity that is sent again counts once. */
  readonly id: string
  readonly userId: string
  readonly type: 'user.login' | 'user.visited' | 'friend.invited'
  readonly occurredAt: Date
  readonly data?: Readonly<Record<string, string>>
}

/** In milliseconds. */
const quarterHour = 15 * 60_000

/**
 * Returns the start of the 15-minute window (`:00`, `:15`, `:30`, `:45`) that contains an instant. A user has at most
 * one visit per window. In all time zones, days begin at the start of a window, so a visit is never counted for the
 * wrong day.
 */
export function visitWindowStart (at: Date): Date {
  return new Date(Math.floor(at.getTime() / quarterHour) * quarterHour)
}

export interface LoginFacts {
  readonly sessionId: string
  readonly userId: string
  readonly invitedBy: string | null
  readonly at: Date
  /** The start of the visit that this login belongs to. */
  readonly visitedAt: Date
  readonly firstLoginAt: Date
}

/**
 * Returns the activities of a login: the login, the visit that it belongs to and, if the user was invited, the
 * friend's successful invitation. Every login repeats the invitation under the same id, so none is lost if the first
 * login was interrupted.
 */
export function loginActivities (login: LoginFacts): PlatformActivity[] {
  const { sessionId, userId, invitedBy, at, visitedAt, firstLoginAt } = login
  const activities: PlatformActivity[] = [
    { id: `login-${sessionId}`, userId, type: 'user.login', occurredAt: at },
    visitActivity(userId, visitedAt)
  ]
  if (invitedBy !== null) {
    activities.push({
      id: `invited-${userId}`,
      userId: invitedBy,
      type: 'friend.invited',
      occurredAt: firstLoginAt,
      data: { inviteeId: userId }
    })
  }
  return activities
}

/** Returns the activity of a visit. Its id contains the start of its 15-minute window. */
export function visitActivity (userId: string, visitedAt: Date): PlatformActivity {
  return { id: `visit-${visitWindowStart(visitedAt).getTime()}`, userId, type: 'user.visited', occurredAt: visitedAt }
}
