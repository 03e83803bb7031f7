import type { GrantedReward } from '@laurel/shared/contracts'
import { invalidField } from '@laurel/shared/errors'

type Attributes = GrantedReward['attributes']

/** The maximum size of the attributes of one reward as JSON, in bytes. */
const maxRewardBytes = 4 * 1024
/** The same for all rewards of an event together. Every claim of the event contains a copy of them. */
const maxEventBytes = 16 * 1024

function bytesOf (attributes: Attributes): number {
  return Buffer.byteLength(JSON.stringify(attributes))
}

/**
 * Checks the size of the attributes of one reward. Throws a 400.
 * @param pointer the JSON Pointer of the reward in the body.
 */
export function checkAttributes (attributes: Attributes, pointer: string): void {
  if (bytesOf(attributes) > maxRewardBytes) {
    throw invalidField(`${pointer}/attributes`, 'must be at most 4 KiB of JSON')
  }
}

/**
 * Checks the size of the attributes of all rewards of an event after one is added. Throws a 400.
 * @param pointer the JSON Pointer of the added reward in the body.
 */
export function checkEventAttributes (
  rewards: ReadonlyArray<{ readonly attributes: Attributes }>, added: Attributes, pointer: string
): void {
  const bytes = rewards.reduce((sum, { attributes }) => sum + bytesOf(attributes), bytesOf(added))
  if (bytes > maxEventBytes) {
    throw invalidField(`${pointer}/attributes`, 'must keep the attributes of the event within 16 KiB of JSON')
  }
}
