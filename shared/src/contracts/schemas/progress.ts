import { Type } from 'typebox'
import type { Leaf } from './condition.ts'

/**
 * The tree of the condition with `met` on every node and `current` and `target` on every leaf.
 * `current` is not capped at `target`.
 */
export type Progress = (Leaf & { readonly current: number, readonly met: boolean }) |
  { readonly all: readonly Progress[], readonly met: boolean } |
  { readonly any: readonly Progress[], readonly met: boolean }

const children = { type: 'array', items: { type: 'object', additionalProperties: true } }

export const Progress = Type.Unsafe<Progress>({
  type: 'object',
  required: ['met'],
  properties: {
    met: { type: 'boolean', description: 'Whether the user meets this part of the condition.' },
    current: { type: 'number', description: 'Of a leaf: the value that the user has reached.' },
    target: { type: 'integer', description: 'Of a leaf: the value that the user must reach.' },
    all: { ...children, description: 'Of an `all` node: the progress of every child. All of them must be met.' },
    any: { ...children, description: 'Of an `any` node: the progress of every child. One of them must be met.' }
  },
  additionalProperties: true,
  description: 'The condition with what the user has reached so far.',
  examples: [{ aggregation: 'active_days', activity: 'user.visited', target: 3, current: 2, met: false }]
})

/** The progress of the example event. */
export const exampleProgress = { aggregation: 'count', activity: 'user.login', target: 1, current: 1, met: true }
