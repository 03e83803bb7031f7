/** Whether everything is tested that takes long: `.ci/run` sets TEST_SIZE=full. */
const isFull = process.env['TEST_SIZE'] === 'full'

/** Returns a number: in a full run the first one, otherwise the second one. */
export function inFullRun (full: number, otherwise: number): number {
  return isFull ? full : otherwise
}
