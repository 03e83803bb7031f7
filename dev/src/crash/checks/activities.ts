import type { Check } from '../state.ts'

/** Acknowledged activities are there, none that nobody sent, and none was accepted twice. */
export const checkActivities: Check = ({ activities }, { activities: acknowledged, sentActivities, accepted }) => {
  const there = new Set(activities.map(({ _id }) => _id))
  return [
    ...[...acknowledged].filter(id => !there.has(id)).map(id => `activity ${id} was acknowledged and is not there`),
    ...[...there].filter(id => !sentActivities.has(id)).map(id => `activity ${id} was never sent`),
    ...accepted <= there.size ? [] : [`${accepted} activities were accepted as new, but ${there.size} are there`],
    ...there.size === activities.length ? [] : ['activities are there twice']
  ]
}
