import { Type, type Static } from 'typebox'
import { Id, Instant, Nullable, ResponseString, Strict } from './common.ts'
import { example } from './examples.ts'
import { exampleProgress, Progress } from './progress.ts'
import { ClaimRefusal } from './refusal.ts'

const claimPeriod = 'The period of the claim in the time zone of the event: `EVENT`, a date such as `2026-11-21`, ' +
  'an ISO week such as `2026-W47`, or a month such as `2026-11`.'

export const Period = ResponseString(claimPeriod)

/** The progress of a user, or `null` if the event has no condition. */
export const NullableProgress = Nullable(Progress, {
  description: 'What the user has reached so far, or `null` if the event has no condition.'
})

/** How a claim would be decided. */
export const Evaluation = Strict({
  eligible: Type.Boolean({ description: 'Whether a claim would be granted.' }),
  code: Type.Optional(Type.Unsafe<string>(ClaimRefusal)),
  period: Period,
  progress: NullableProgress
}, {
  title: 'Evaluation',
  description: 'How a claim would be decided.',
  examples: [{ eligible: true, period: 'EVENT', progress: exampleProgress }]
})
export type Evaluation = Static<typeof Evaluation>

export const EvaluationRequest = Strict({
  userId: Id('The id of the user.'),
  at: Type.Optional(Instant('The time of the claim. Defaults to now.'))
}, {
  title: 'EvaluationRequest',
  description: 'The user and the time for which an event is evaluated.',
  examples: [{ userId: example.userId }]
})
export type EvaluationRequest = Static<typeof EvaluationRequest>
