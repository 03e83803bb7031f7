/** One attempt of a client, in milliseconds of `performance.now()`. */
interface Attempt {
  readonly outcome: string
  readonly startedAt: number
  readonly endedAt: number
}

/** What clients saw. */
export interface Observed {
  readonly requests: number
  /** The number of failures by kind: a status with its code, or 'no response'. */
  readonly failures: ReadonlyMap<string, number>
  /** The slowest response or failure, in milliseconds. */
  readonly slowest: number
  /** The longest time in which no claim of the probe was granted, in milliseconds. */
  readonly longestGap: number
  /** From the repair to the last failure, in milliseconds; 0 if none failed after it. */
  readonly wellAfter: number
}

export interface Observer {
  readonly onAttempt: (outcome: string, startedAt: number) => void
  /** Records that a claim of the probe was granted. */
  readonly onGrant: () => void
  /** Milliseconds since the last failure. */
  readonly quietFor: () => number
  /** @param repairedAt when the fault was repaired. */
  readonly sum: (faultAt: number, repairedAt: number) => Observed
}

const isFailure = (outcome: string): boolean => /^(no response|5|401)/.test(outcome)

export function createObserver (): Observer {
  const attempts: Attempt[] = []
  const grants: number[] = []
  let lastFailure = 0
  return {
    onAttempt (outcome, startedAt) {
      const endedAt = performance.now()
      attempts.push({ outcome, startedAt, endedAt })
      if (isFailure(outcome)) lastFailure = endedAt
    },
    onGrant () { grants.push(performance.now()) },
    quietFor: () => performance.now() - lastFailure,
    sum (faultAt, repairedAt) {
      const during = attempts.filter(({ endedAt }) => endedAt >= faultAt)
      const failures = new Map<string, number>()
      for (const { outcome } of during.filter(({ outcome }) => isFailure(outcome))) {
        failures.set(outcome, (failures.get(outcome) ?? 0) + 1)
      }
      const gaps = grants.map((at, index) => at - (grants[index - 1] ?? at))
      return {
        requests: during.length,
        failures,
        slowest: Math.max(0, ...during.map(({ startedAt, endedAt }) => endedAt - startedAt)),
        longestGap: Math.max(0, ...gaps),
        wellAfter: Math.max(0, lastFailure - repairedAt)
      }
    }
  }
}
