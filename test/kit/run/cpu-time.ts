/**
 * Returns the minimum CPU time of each task in microseconds, over all threads of this process. The tasks alternate, so
 * that other load on the machine affects all of them.
 */
export async function cpuTimesOf (tasks: ReadonlyArray<() => unknown>, rounds = 5): Promise<number[]> {
  const least = tasks.map(() => Infinity)
  for (let round = 0; round < rounds; round++) {
    for (const [index, task] of tasks.entries()) {
      const before = process.cpuUsage()
      await task()
      least[index] = Math.min(least[index] ?? Infinity, process.cpuUsage(before).user)
    }
  }
  return least
}
