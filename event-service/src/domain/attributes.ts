import { invalidField } from '@laurel/shared/errors'
import type { Reward } from './reward-definition.ts'

type Attributes = Reward['attributes']

/** The bytes that the attributes of one reward may have as JSON. */
const maxRewardBytes = 4 * 1024
/** The bytes that the attributes of all rewards of an event may have as JSON. Every claim of the event carries them. */
const maxEventBytes = 16 * 1024

function bytesOf (attributes: Attributes): number {
  return Buffer.byteLength(JSON.stringify(attributes))
}

/** Checks the size of the attributes of one reward. Throws a 400. */
export function checkAttributes (attributes: Attributes): void {
  if (bytesOf(attributes) > maxRewardBytes) throw invalidField('/attributes', 'must be at most 4 kB of JSON')
}

/** Checks the size of the attributes of all rewards of an event after one is added. Throws a 400. */
export function checkEventAttributes (rewards: readonly Reward[], added: Attributes): void {
  const bytes = rewards.reduce((sum, { attributes }) => sum + bytesOf(attributes), bytesOf(added))
  if (bytes > maxEventBytes) {
    throw invalidField('/attributes', 'must leave the attributes of the event at 16 kB of JSON or less')
  }
}
