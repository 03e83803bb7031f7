import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { PlatformActivity } from './domain/activities.ts'
import type { Outbox, Undelivered } from './stores/outbox.ts'

/** Milliseconds. */
const interval = 1000
const untouchedFor = 2000
const timeout = 2000
/** A claim right after a login counts what the login told, unless event-service is slower than this. */
const patience = 300
/** Three activities a login at most, so one request stays below the 500 that event-service takes. */
const sessionsARound = 150

export interface Relay {
  /** The first attempt, for a new login or visit. Resolves when it is through or failed, or after 300 ms; `start` tries again. */
  deliver: (undelivered: Undelivered) => Promise<void>
  /** Looks each second for what is still waiting, from failures and from before a restart. */
  start: () => void
  close: () => Promise<void>
}

/** Hands activities over: resolves once event-service has them for good. */
export type Deliver = (activities: readonly PlatformActivity[]) => Promise<void>

/** At least once, in any order; event-service counts each id once. */
export function createRelay (outbox: Outbox, deliver: Deliver, log: FastifyBaseLogger): Relay {
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> = Promise.resolve()

  async function send (waiting: readonly Undelivered[]): Promise<void> {
    await deliver(waiting.flatMap(({ activities }) => activities))
    await outbox.markDelivered(waiting)
  }

  async function sendWaiting (): Promise<void> {
    let waiting: Undelivered[]
    do {
      waiting = await outbox.undelivered(new Date(Date.now() - untouchedFor), sessionsARound)
      if (waiting.length > 0) await send(waiting)
    } while (waiting.length === sessionsARound)
  }

  function schedule (): void {
    timer = setTimeout(() => {
      round = sendWaiting()
        .catch((error: unknown) => { log.warn({ err: error }, 'activities not delivered yet') })
        .then(() => { if (timer !== undefined) schedule() })
    }, interval)
  }

  return {
    async deliver (undelivered) {
      const attempt = send([undelivered]).catch((error: unknown) => { log.warn({ err: error }, 'activities of a login not delivered yet') })
      await Promise.race([attempt, sleep(patience)])
    },
    start: schedule,
    async close () {
      clearTimeout(timer)
      timer = undefined
      await round
    }
  }
}

/** The way to event-service: its internal operation, with a token of our own. */
export function deliverTo (eventUrl: string, serviceToken: () => string): Deliver {
  const url = new URL('/internal/activities', eventUrl)
  return async activities => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${serviceToken()}` },
      body: JSON.stringify({ activities }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout)
    })
    if (!response.ok) throw new Error(`event-service answered ${response.status}`)
    const { rejected } = await response.json() as { rejected: unknown[] }
    if (rejected.length > 0) throw new Error(`event-service rejected ${rejected.length} activities`)
  }
}
