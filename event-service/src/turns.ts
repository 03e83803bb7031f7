/** Runs what is about one thing one after the other. */
export type Turns = <T>(key: string, act: () => Promise<T>) => Promise<T>

/**
 * Transactions on one document that run at once stop each other and begin anew: in one process they wait for each other
 * instead, and only other processes are left to collide with.
 */
export function createTurns (): Turns {
  const last = new Map<string, Promise<unknown>>()
  return async (key, act) => {
    const before = last.get(key)
    const own = (async () => {
      await before?.catch(() => undefined)
      return await act()
    })()
    last.set(key, own)
    try {
      return await own
    } finally {
      if (last.get(key) === own) last.delete(key)
    }
  }
}
