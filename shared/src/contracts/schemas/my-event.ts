import { Type, type Static } from 'typebox'
import { exampleOf, Strict } from './common.ts'
import { Claim } from './claim.ts'
import { Evaluation } from './evaluation.ts'
import { EventSummary } from './event.ts'

/** How a claim by the caller would be decided, and the claim of this period if there is one. */
export const MyProgress = Strict({
  ...Evaluation.properties,
  claim: Type.Optional(Claim)
}, {
  title: 'MyProgress',
  description: 'How a claim by the caller would be decided, and the claim of this period if there is one.',
  examples: [exampleOf(Evaluation)]
})
export type MyProgress = Static<typeof MyProgress>

/** A running event with the caller's progress. */
export const MyEvent = Strict({
  event: EventSummary,
  ...MyProgress.properties
}, {
  title: 'MyEvent',
  description: 'A running event with the progress and the claim of the caller.',
  examples: [{ event: exampleOf(EventSummary), ...exampleOf(Evaluation) as object }]
})
export type MyEvent = Static<typeof MyEvent>
