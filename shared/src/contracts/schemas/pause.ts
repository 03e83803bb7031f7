import { Type, type Static } from 'typebox'
import { Id, Instant, Nullable, Strict, Text } from './common.ts'
import { example } from './examples.ts'

const paused = Type.Boolean({ description: 'Whether nothing is granted at the moment.' })

export const PauseRequest = Strict({
  paused,
  reason: Text(1000, { description: 'Why it begins or ends. Operators and auditors see it, users do not.' })
}, {
  title: 'PauseRequest',
  description: 'Begins or ends a pause.',
  examples: [{ paused: true, reason: 'The amounts of the winter event are wrong' }]
})
export type PauseRequest = Static<typeof PauseRequest>

export const Pause = Strict({
  paused,
  reason: Nullable(Type.String(), { description: 'Why it is paused; `null` if it is not.' }),
  by: Type.Optional(Id('The id of the ADMIN who paused it.')),
  at: Type.Optional(Instant('Since when it is paused, with this reason.'))
}, {
  title: 'Pause',
  description: 'Whether granting is paused.',
  examples: [{
    paused: true, reason: 'The amounts of the winter event are wrong', by: example.operatorId, at: example.at
  }]
})
export type Pause = Static<typeof Pause>
