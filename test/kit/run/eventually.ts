import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Calls `look` until it returns something. Throws after `patience` milliseconds: much longer than it takes, even on a
 * busy machine.
 */
export async function eventually<T> (look: () => Promise<T | undefined | null | false>, patience = 60_000): Promise<T> {
  const givesUpAt = Date.now() + patience
  while (true) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found
    if (Date.now() > givesUpAt) throw new Error(`Not within ${patience} ms: ${look.toString()}`)
    await sleep(20)
  }
}
