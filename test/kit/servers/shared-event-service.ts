import { wholeRun } from '../run/whole-run.ts'
import { startEventService, type EventService } from './event-service.ts'

let service: Promise<EventService> | undefined

/**
 * Returns event-service with two servers, started once for all test files of a process. Tests that share it create
 * their own events and users, and only use those.
 */
export async function sharedEventService (): Promise<EventService> {
  service ??= startEventService(wholeRun, {}, 2)
  return await service
}
