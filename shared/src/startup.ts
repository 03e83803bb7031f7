import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { StartupError } from './errors.ts'

/** How long a server waits at startup for each of its dependencies, in milliseconds. */
export const defaultStartupTimeout = 30_000

const retryInterval = 200

export interface Waiting {
  /** The name of the dependency for the log: 'MongoDB'. */
  readonly name: string
  readonly log: Pick<FastifyBaseLogger, 'info'> | undefined
  /** How long to wait, in milliseconds. */
  readonly startupTimeout: number
  /** Returns the error to give up with. */
  readonly giveUp: (lastError: Error) => StartupError
}

/**
 * Runs `attempt` until it succeeds, and returns its result. Logs once that the server is waiting. If `attempt` throws a
 * `StartupError`, rethrows it immediately, because waiting would not help. For other errors, gives up after
 * `startupTimeout`.
 */
export async function waitUntilAvailable<T> (attempt: () => Promise<T>, waiting: Waiting): Promise<T> {
  const { name, log, startupTimeout, giveUp } = waiting
  const deadline = performance.now() + startupTimeout
  for (let attempts = 1; ; attempts += 1) {
    const outcome = await attempt().then(value => ({ value }), (error: unknown) => ({ error: error as Error }))
    if ('value' in outcome) return outcome.value
    const { error } = outcome
    if (error instanceof StartupError) throw error
    if (performance.now() > deadline) throw giveUp(error)
    if (attempts === 1) log?.info({ reason: reasonOf(error) }, `waiting for ${name}`)
    await sleep(retryInterval)
  }
}

/** Returns the message of an error in one line. A stack trace would not help: the server is not reachable yet. */
function reasonOf ({ message }: Error): string {
  return message.replaceAll(/\s+/g, ' ')
}

/** Throws `StartupError` if Node.js was built without full ICU data, because dates and time zones would be wrong. */
export function requireFullIcu (intl: typeof Intl | undefined): void {
  const options = { month: 'long', hour: 'numeric', hourCycle: 'h23', timeZone: 'Asia/Seoul' } as const
  if (intl !== undefined && new intl.DateTimeFormat('ko', options).format(0) === '1월 9시') return
  throw new StartupError('This Node.js was built without full ICU; use an official build from nodejs.org')
}
