import { activityTypesOf, type Activity } from './domain/condition.ts'
import type { RewardEvent } from './domain/event.ts'
import { periodAt } from './domain/period.ts'
import type { ActivityStore } from './stores/activities.ts'

/** What a decision about a user at this instant has to look at: nothing where the event asks for nothing. */
export async function evidenceFor (activities: ActivityStore, event: RewardEvent, userId: string, now: Date): Promise<Activity[]> {
  return await evidenceForAll(activities, [event], userId, now)
}

/** The same for many events in one read; `decide` passes over what is not an event's own. */
export async function evidenceForAll (activities: ActivityStore, events: readonly RewardEvent[], userId: string, now: Date): Promise<Activity[]> {
  const types = [...new Set(events.flatMap(({ condition }) => condition === null ? [] : activityTypesOf(condition)))]
  if (types.length === 0) return []
  const periods = events.map(event => periodAt(event, now))
  const from = Math.min(...periods.map(period => period.from.getTime()))
  const to = Math.max(...periods.map(period => period.to.getTime()))
  return await activities.ofUser(userId, types, new Date(from), new Date(to))
}
