/** Runs `work` when no other work for the same key is running. Returns its result or throws its error. */
type KeyedMutex = <T>(key: string, work: () => Promise<T>) => Promise<T>

/**
 * Creates a mutex for each key; work for one key runs in the order of the calls. Concurrent transactions on one
 * document abort each other. With this mutex, the transactions of one process wait for each other, so that only
 * transactions of other processes conflict.
 */
export function createKeyedMutex (): KeyedMutex {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const previous = last.get(key)
    const current = (async () => {
      await previous?.catch(() => undefined)
      return await work()
    })()
    last.set(key, current)
    try {
      return await current
    } finally {
      if (last.get(key) === current) last.delete(key)
    }
  }
}
