/** Whether this is a full run with all slow cases. `.ci/run` sets TEST_SIZE=full. */
const isFull = process.env['TEST_SIZE'] === 'full'

/** Returns the first number in a full run, otherwise the second one. */
export function inFullRun (full: number, otherwise: number): number {
  return isFull ? full : otherwise
}
