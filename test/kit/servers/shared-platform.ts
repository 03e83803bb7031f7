import { wholeRun } from '../run/whole-run.ts'
import { allowReceivers } from '../stand-ins/receiver.ts'
import { startPlatform, type Platform } from './platform.ts'

let platform: Promise<Platform> | undefined

/**
 * Returns three servers, started once for all test files of a process. Tests that share them create their own users,
 * events and clients, only use those, and delete their webhooks.
 */
export async function sharedPlatform (): Promise<Platform> {
  platform ??= startPlatform(wholeRun, allowReceivers)
  return await platform
}
