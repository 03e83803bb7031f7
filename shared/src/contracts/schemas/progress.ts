import { Type } from 'typebox'
import type { Leaf } from './condition.ts'

/** The progress of a leaf. `current` is not capped at `target`. */
export type LeafProgress = Leaf & { readonly current: number, readonly met: boolean }

/** The tree of the condition with `met` on every node, and `current` and `target` on every leaf. */
export type Progress = LeafProgress |
  { readonly all: readonly Progress[], readonly met: boolean } |
  { readonly any: readonly Progress[], readonly met: boolean }

// A serializer cannot select a branch, so it copies the progress unchanged.
export const Progress = Type.Unsafe<Progress>({
  title: 'Progress',
  type: 'object',
  required: ['met'],
  properties: { met: { type: 'boolean' } },
  additionalProperties: true
})

/** The progress of the example event. */
export const exampleProgress = { aggregation: 'count', activity: 'user.login', target: 1, current: 1, met: true }
