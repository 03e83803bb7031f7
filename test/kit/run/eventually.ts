import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Calls `look` until it returns a value. Throws after `patience` milliseconds, which is much longer than needed, even
 * on a busy machine.
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
