import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { StartupError } from './errors.ts'

/** How long a server waits at its start for each thing that it needs, in milliseconds. */
export const startupPatience = 30_000

const retryInterval = 200

export interface Waiting {
  /** The name of the thing that the server waits for, for the log: 'MongoDB'. */
  readonly name: string
  readonly log: Pick<FastifyBaseLogger, 'warn'> | undefined
  /** How long to wait, in milliseconds. */
  readonly patience: number
  /** Returns the error to give up with. */
  readonly giveUp: (lastError: Error) => StartupError
}

/**
 * Runs `attempt` until it succeeds, and returns its result. Logs once that it waits.
 * Throws the `StartupError` of `attempt` at once, because no waiting helps. Gives up on other errors after `patience`.
 */
export async function waitUntilAvailable<T> (attempt: () => Promise<T>, waiting: Waiting): Promise<T> {
  const { name, log, patience, giveUp } = waiting
  const deadline = performance.now() + patience
  for (let attempts = 1; ; attempts += 1) {
    const outcome = await attempt().then(value => ({ value }), (error: unknown) => ({ error: error as Error }))
    if ('value' in outcome) return outcome.value
    const { error } = outcome
    if (error instanceof StartupError) throw error
    if (performance.now() > deadline) throw giveUp(error)
    if (attempts === 1) log?.warn({ reason: reasonOf(error) }, `waiting for ${name}`)
    await sleep(retryInterval)
  }
}

/** Returns the message of an error in one line. A stack would say nothing more: the server is not there yet. */
function reasonOf ({ message }: Error): string {
  return message.replaceAll(/\s+/g, ' ')
}

/** Throws `StartupError` if Node.js was built without full ICU: it would compute other dates and time zones. */
export function requireFullIcu (intl: typeof Intl | undefined): void {
  const options = { month: 'long', hour: 'numeric', hourCycle: 'h23', timeZone: 'Asia/Seoul' } as const
  if (intl !== undefined && new intl.DateTimeFormat('ko', options).format(0) === '1월 9시') return
  throw new StartupError('This Node.js was built without full ICU; use an official build from nodejs.org')
}
