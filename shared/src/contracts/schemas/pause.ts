import { Type, type Static } from 'typebox'
import { Id, Instant, Nullable, Strict, Text } from './common.ts'
import { example } from './examples.ts'

const paused = Type.Boolean({ description: 'Whether granting is paused.' })

export const PauseRequest = Strict({
  paused,
  reason: Text(1000, { description: 'Why the pause begins or ends. Operators and auditors see it, users do not.' })
}, {
  title: 'PauseRequest',
  description: 'Begins or ends a pause.',
  examples: [{ paused: true, reason: 'The amounts of the winter event are wrong' }]
})
export type PauseRequest = Static<typeof PauseRequest>

export const Pause = Strict({
  paused,
  reason: Nullable(Type.String(), { description: 'Why granting is paused, or `null` if it is not paused.' }),
  by: Type.Optional(Id('The id of the ADMIN who paused granting.')),
  at: Type.Optional(Instant('When granting was paused for this reason.'))
}, {
  title: 'Pause',
  description: 'Whether granting is paused.',
  examples: [{
    paused: true, reason: 'The amounts of the winter event are wrong', by: example.operatorId, at: example.at
  }]
})
export type Pause = Static<typeof Pause>
