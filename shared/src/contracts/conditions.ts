import { Type, type Static } from 'typebox'
import { Strict } from './common.ts'

/** The name of something a user did, e.g. `quest.cleared`. `user.*` and `friend.*` are the platform's own. */
export const ActivityType = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$', examples: ['quest.cleared'] })

/**
 * What a user must have done within the event, at least `target` times:
 * `count` activities · `sum` of their `value` · `active_days`, different calendar dates in the event's zone.
 */
export const Condition = Strict({
  aggregation: Type.Enum(['count', 'sum', 'active_days']),
  activity: ActivityType,
  target: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
}, { examples: [{ aggregation: 'active_days', activity: 'user.visited', target: 3 }] })
export type Condition = Static<typeof Condition>

/** A condition with how far a user has come; `current` is not capped at `target`. */
export const Progress = Strict({
  aggregation: Type.Enum(['count', 'sum', 'active_days']),
  activity: Type.String(),
  target: Type.Integer(),
  current: Type.Number(),
  met: Type.Boolean()
}, { examples: [{ aggregation: 'active_days', activity: 'user.visited', target: 3, current: 2, met: false }] })
export type Progress = Static<typeof Progress>
