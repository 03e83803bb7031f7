import { findPortError } from '../../../dev/src/ports.ts'

/** Above 10080, to which `fetch` does not connect. The last port is below those of the launcher and of MongoDB. */
const lowest = 10_100
const portsPerJob = 950
const jobs = 10

// Suites that run at the same time have different jobs. Each has its own ports, so that none of them takes a port
// that another one has chosen and does not listen on yet.
const first = lowest + Number(process.env['TAP_JOB_ID'] ?? 0) % jobs * portsPerJob
let next = Math.floor(Math.random() * portsPerJob)

/** Returns a free port on 127.0.0.1, never the same one twice in a row. */
export async function freePort (): Promise<number> {
  let port: number
  do {
    port = first + next % portsPerJob
    next += 1
  } while (await findPortError('127.0.0.1', port) !== null)
  return port
}
