/** How often this process checks that its parent is running, in milliseconds. */
const orphanCheckInterval = 250

/** Returns a controller that aborts when this process should stop. The reason is the name of the signal. */
export function createStopController (): AbortController {
  const stop = new AbortController()
  // npm and impatient users send a signal more than once. The shutdown in progress continues.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => { stop.abort(name) })
  // If npm is killed, no signal arrives. Without npm, a program may outlive the shell that started it.
  if (process.env['npm_lifecycle_event'] !== undefined) {
    const parent = process.ppid
    setInterval(() => { if (process.ppid !== parent) stop.abort('SIGTERM') }, orphanCheckInterval).unref()
  }
  return stop
}
