import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Calls `look` until it returns a value, every `interval` milliseconds, which should be longer if it takes seconds by
 * design. Throws after `timeout` milliseconds, which is much longer than needed, even on a busy machine.
 */
export async function eventually<T> (
  look: () => Promise<T | undefined | null | false>, timeout = 60_000, interval = 20
): Promise<T> {
  const deadline = Date.now() + timeout
  while (true) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found
    if (Date.now() > deadline) throw new Error(`Not within ${timeout} ms: ${look.toString()}`)
    await sleep(interval)
  }
}
