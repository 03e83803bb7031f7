/** Runs tasks with the same key one after the other, in the order of their calls. */
export type KeyedMutex = <T>(key: string, task: () => Promise<T>) => Promise<T>

export function createKeyedMutex (): KeyedMutex {
  const last = new Map<string, Promise<unknown>>()
  return async (key, task) => {
    const previous = last.get(key) ?? Promise.resolve()
    const current = previous.then(task, task)
    last.set(key, current)
    try {
      return await current
    } finally {
      if (last.get(key) === current) last.delete(key)
    }
  }
}
