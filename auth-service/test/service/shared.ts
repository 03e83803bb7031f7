import t from 'tap'
import { wholeRun } from '../../../test/kit/run/whole-run.ts'
import { adminEmail, longTimeouts, startAuth } from '../../../test/kit/servers/auth.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startEventStandIn, takesAll } from '../../../test/kit/stand-ins/event-service.ts'
import { startMongoGate } from '../../../test/kit/mongo/gate.ts'

/** The auth-service that the files of this suite share. Files that need other settings start their own. */
export const database = ownDatabase(wholeRun, 'auth')
/** Holds MongoDB commands of the shared auth-service. */
export const gate = await startMongoGate(wholeRun, database.uri)
/** The stand-in for event-service. It accepts every activity at the beginning of each test. */
export const event = await startEventStandIn(wholeRun)
/** The clock of the shared auth-service. It shows the real time at the beginning of each test. */
export const clock: { now?: Date | undefined } = {}

/** Stops the clock until the test ends, so that a slow machine changes no response. Returns its time. */
export function stopClock (): Date {
  clock.now = new Date()
  return clock.now
}

export const auth = await startAuth(wholeRun, { AUTH_MONGODB_URI: gate.uri, EVENT_URL: event.url }, database, {
  ...longTimeouts, now: () => clock.now ?? new Date()
})
/** The first ADMIN, logged in. */
export const admin = await auth.login(adminEmail)

t.beforeEach(() => {
  event.behave = takesAll
  clock.now = undefined
})
