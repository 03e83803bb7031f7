import type { Condition, NewEvent } from '@laurel/shared/contracts'
import type { Db } from 'mongodb'
import type { Call } from '../http/client.ts'

const day = 86_400_000

/** Returns the body of an event that is running now. */
export function runningEvent (condition: Condition | null = null, overrides: object = {}): NewEvent {
  return {
    name: 'An event',
    startsAt: new Date(Date.now() - day).toISOString(),
    endsAt: new Date(Date.now() + day).toISOString(),
    condition,
    ...overrides
  }
}

const point = { type: 'POINT', name: '500 points', amount: 500 }

/** Returns the body of an event that is created ACTIVE, with a reward. */
export function startedEvent (condition: Condition | null = null, overrides: object = {}): NewEvent {
  return runningEvent(condition, { status: 'ACTIVE', rewards: [point], ...overrides })
}

/**
 * Creates an ACTIVE event and changes it in the database in a way that no operation allows, such as past dates. Returns
 * its id.
 */
export async function changedEvent (
  call: Call,
  db: Db,
  token: string,
  changes: Readonly<Record<string, Date | readonly []>>,
  condition: Condition | null = null
): Promise<string> {
  const { body } = await call('POST', '/v1/events', { token, body: startedEvent(condition) })
  await db.collection<{ _id: string }>('events').updateOne({ _id: body.id }, { $set: changes })
  return body.id
}

/** Creates an ACTIVE event with these rewards. @returns its id. */
export async function activeEvent (
  call: Call, token: string, condition: Condition | null = null,
  rewards: readonly object[] = [point], overrides: object = {}
): Promise<string> {
  const given = startedEvent(condition, { rewards, ...overrides })
  const { status, body } = await call('POST', '/v1/events', { token, body: given })
  if (status !== 201) throw new Error(`the event was not created: ${status} ${JSON.stringify(body)}`)
  return body.id
}
