import type { Check } from '../state.ts'

/** auth-service reports logins and visits automatically. */
const isFromAuthService = (id: string): boolean => id.includes(':platform:')

/** Every acknowledged activity is stored once, and no other one is stored. */
export const checkActivities: Check = ({ activities }, { activities: acknowledged, sentActivities, accepted }) => {
  const stored = new Set(activities.map(({ _id }) => _id))
  return [
    ...[...acknowledged].filter(id => !stored.has(id)).map(id => `activity ${id} was acknowledged and is missing`),
    ...[...stored].filter(id => !sentActivities.has(id) && !isFromAuthService(id))
      .map(id => `activity ${id} is stored but was never sent`),
    ...accepted <= stored.size ? [] : [`${accepted} activities were accepted as new, but ${stored.size} are stored`],
    ...stored.size === activities.length ? [] : ['activities are stored twice']
  ]
}
