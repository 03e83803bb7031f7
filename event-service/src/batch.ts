/** The outcome of a failed item of a batch. The failure does not affect the other items. */
export class Failed {
  readonly type = 'failed'
  readonly error: unknown

  constructor (error: unknown) {
    this.error = error
  }
}

/** Processes one item of a batch. Returns `Failed` instead of throwing, so that the other items are not affected. */
export function isolate<T> (work: () => T): T | Failed {
  try {
    return work()
  } catch (error) {
    return new Failed(error)
  }
}

/** The asynchronous version of `isolate`. */
export async function isolateAsync<T> (work: () => Promise<T>): Promise<T | Failed> {
  try {
    return await work()
  } catch (error) {
    return new Failed(error)
  }
}

/**
 * Processes the items of a batch, at most `parallel` at a time. Items with the same key are processed one at a time.
 * Returns one outcome per item, in their order.
 */
export async function mapIsolated<T, R> (
  items: readonly T[], keyOf: (item: T) => string, parallel: number, work: (item: T) => Promise<R>
): Promise<Array<R | Failed>> {
  const waiting = [...groupBy([...items.entries()], ([, item]) => keyOf(item)).values()]
  const done: Array<Placed<R | Failed>> = []
  async function runWorker (): Promise<void> {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      for (const [index, item] of group) {
        done.push({ index, outcome: await isolateAsync(async () => await work(item)) })
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, runWorker))
  return inOrder(done)
}

/** Pairs the items of a batch with their outcomes. Throws if there is not exactly one outcome per item. */
export function zip<A, B> (items: readonly A[], outcomes: readonly B[]): Array<readonly [A, B]> {
  if (items.length !== outcomes.length) {
    throw new RangeError(`A batch of ${items.length} items has ${outcomes.length} outcomes.`)
  }
  return outcomes.map((outcome, index) => [items[index] as A, outcome])
}

/** The outcome of the item at this index of a batch. */
export interface Placed<T> {
  readonly index: number
  readonly outcome: T
}

/** Returns the outcomes of a batch in the order of its items. */
export function inOrder<T> (placed: ReadonlyArray<Placed<T>>): T[] {
  return placed.toSorted((a, b) => a.index - b.index).map(({ outcome }) => outcome)
}

/** Returns the items that pass the test, and the others. */
export function partition<T> (items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter(item => !test(item))]
}

/** Groups items by a key. The groups and their items keep their order. */
export function groupBy<T> (items: readonly T[], keyOf: (item: T) => string): Map<string, readonly [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
