import { maxClockDifference } from '@laurel/shared/clock'

/** An activity of a user that the platform itself reports to event-service. */
export type PlatformActivity = OwnActivity | Invitation

interface Reported {
  /** The id is derived from the content, so that an activity that is sent again counts once. */
  readonly id: string
  readonly userId: string
  readonly occurredAt: Date
}

/** An activity of the user whose session reports it. */
export interface OwnActivity extends Reported {
  readonly type: 'user.login' | 'user.visited'
}

/** An activity of the inviter. The session of the invitee reports it. */
export interface Invitation extends Reported {
  readonly type: 'friend.invited'
  readonly data: { readonly inviteeId: string }
}

/** The length of the window of a visit, in milliseconds. */
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
export function visitActivity (userId: string, visitedAt: Date): OwnActivity {
  return { id: `visit-${visitWindowStart(visitedAt).getTime()}`, userId, type: 'user.visited', occurredAt: visitedAt }
}

export function isInvitation (activity: PlatformActivity): activity is Invitation {
  return activity.type === 'friend.invited'
}

/**
 * Returns whether the user who invited the invitee still exists. A user with the id of the inviter who is younger than
 * the invitee is another one: a machine client can create a user with the id of an erased one.
 * @param createdAt when each of the two accounts was created; without the accounts that were deleted.
 */
export function hasInviter ({ userId, data }: Invitation, createdAt: ReadonlyMap<string, Date>): boolean {
  const inviter = createdAt.get(userId)
  const invitee = createdAt.get(data.inviteeId)
  if (inviter === undefined) return false
  // Two servers with different clocks may have created them.
  return invitee === undefined || inviter.getTime() <= invitee.getTime() + maxClockDifference
}
