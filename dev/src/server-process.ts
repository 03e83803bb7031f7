import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { endOf, stopChild, type Child } from './child.ts'
import { StartFailure } from './failure.ts'
import { passLines, type Output } from './output.ts'
import type { Service } from './services.ts'

const STOP_WITHIN_MS = 10_000
const READY_WITHIN_MS = 60_000
const POLL_MS = 25

export interface ServerOptions {
  env: NodeJS.ProcessEnv
  stdout: Output
  stderr: Output
  onSpawn: (pid: number) => void
  /** Is offered the lines that start with `First ADMIN:` and says whether it keeps them. */
  takeFirstAdmin: (line: string) => boolean
}

/**
 * Starts one server as a process of its own. It is detached, because a terminal sends Ctrl-C to everybody at once and the
 * order of the stop is ours; and it has a channel to us, whose end tells it that we died without a word.
 */
export function startServer (service: Service, { env, stdout, stderr, onSpawn, takeFirstAdmin }: ServerOptions): Child {
  if (!existsSync(service.script)) throw new StartFailure(`${service.script} is missing: build first, with npm run build`)
  const child = spawn(process.execPath, [service.script], {
    env: { ...env, ...service.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc']
  })
  if (child.pid !== undefined) onSpawn(child.pid)
  passLines(child.stdout!, stdout, 'First ADMIN:', takeFirstAdmin)
  passLines(child.stderr!, stderr, 'First ADMIN:', takeFirstAdmin)
  const exited = endOf(child)
  return { name: service.name, exited, stop: () => stopChild(child, exited, STOP_WITHIN_MS) }
}

/** Waits until the server says that it is ready. */
export async function untilReady ({ name, readyUrl }: Service, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS
  while (await statusOf(readyUrl) !== 200) {
    if (performance.now() > deadline) throw new StartFailure(`${name} was not ready within ${READY_WITHIN_MS / 1000} seconds (${readyUrl})`)
    await sleep(POLL_MS, undefined, { signal })
  }
}

function statusOf (url: string): Promise<number | undefined> {
  const get = url.startsWith('https:') ? getHttps : getHttp
  return new Promise(resolve => {
    // It is our own child on our own machine; its certificate is for other names.
    const request = get(url, { agent: false, timeout: 2000, rejectUnauthorized: false }, response => {
      response.resume()
      resolve(response.statusCode)
    })
    request.once('timeout', () => { request.destroy() })
    request.once('error', () => { resolve(undefined) })
  })
}
