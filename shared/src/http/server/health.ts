import { sendProblem } from '../problem/problem.ts'
import type { Server } from '../server-type.ts'

/** Checks a dependency of the server. Resolves while it is available, rejects while it is not. */
export type HealthCheck = () => Promise<unknown>

type Checks = Readonly<Record<string, HealthCheck>>
type Result = readonly [name: string, passed: boolean]

export interface HealthOptions {
  /** The checks of the dependencies without which the server is not ready, by name. */
  readonly required: Checks
  /** The checks of dependencies that are reported but never cause a 503. */
  readonly optional?: Checks
  /** How long a check may take, in milliseconds. Default: 2000. */
  readonly timeout?: number
}

/** How long a result is cached, in milliseconds. */
const resultLifetime = 500

/** The default of `timeout`, in milliseconds. */
const defaultTimeout = 2000

/**
 * Adds `/health/live` (the process is running) and `/health/ready` (the server can process requests). If a required
 * dependency is not available, `/health/ready` responds with 503 and names it. It also responds with 503 once a
 * shutdown has started.
 */
export function addHealthRoutes (
  app: Server, { required, optional = {}, timeout = defaultTimeout }: HealthOptions
): void {
  app.get('/health/live', { config: { operationId: 'live', access: 'public' } }, async () => ({ status: 'ok' }))

  const allChecks = Object.entries({ ...required, ...optional })
  let last: { readonly at: number, readonly results: Promise<Result[]> } | undefined
  const runChecks = async (): Promise<Result[]> => await Promise.all(
    allChecks.map(async ([name, check]) => [name, await passes(check, timeout)] as const)
  )

  app.get('/health/ready', { config: { operationId: 'ready', access: 'public' } }, async (_request, reply) => {
    if (app.shutdown.started) return sendProblem(reply, 503, 'ENDING', 'The server is shutting down.')
    // This route has no rate limit, so a flood of requests must not reach the dependencies.
    if (last === undefined || Date.now() - last.at > resultLifetime) last = { at: Date.now(), results: runChecks() }
    const results = await last.results
    const states = Object.fromEntries(results.map(([name, passed]) => [name, passed ? 'ok' : 'down']))
    const missing = results.filter(([name, passed]) => !passed && name in required).map(([name]) => name)
    if (missing.length === 0) return { status: 'ok', checks: states }
    const sentence = `Not available: ${missing.join(', ')}; retry later.`
    return sendProblem(reply, 503, 'NOT_READY', sentence, { members: { checks: states } })
  })
}

async function passes (check: HealthCheck, timeout: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => { timer = setTimeout(resolve, timeout, false) })
  try {
    return await Promise.race([check().then(() => true, () => false), late])
  } finally {
    clearTimeout(timer)
  }
}
