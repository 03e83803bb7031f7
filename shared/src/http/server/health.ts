import { sendProblem } from '../problem/problem.ts'
import type { Server } from '../server-type.ts'

/** Checks a dependency of the server. Resolves while it is available, rejects while it is not. */
export type HealthCheck = () => Promise<unknown>

type Checks = Readonly<Record<string, HealthCheck>>
type Result = readonly [name: string, passed: boolean]

/** In milliseconds. A result is cached for this time. */
const resultLifetime = 500
/** In milliseconds. */
const defaultTimeout = 2000

/**
 * Adds `/health/live` (the process is running) and `/health/ready` (the server can process requests). If a dependency
 * is missing, `/health/ready` responds with 503 and names it. It also responds with 503 once a shutdown has started.
 * @param checks The required dependencies, by name.
 * @param timeout In milliseconds, for each check.
 * @param optionalChecks Dependencies that are reported but never cause a 503.
 */
export function addHealthRoutes (
  app: Server, checks: Checks, timeout = defaultTimeout, optionalChecks: Checks = {}
): void {
  app.get('/health/live', { config: { operationId: 'live', access: 'public' } }, async () => ({ status: 'ok' }))

  const allChecks = Object.entries({ ...checks, ...optionalChecks })
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
    const missing = results.filter(([name, passed]) => !passed && name in checks).map(([name]) => name)
    if (missing.length === 0) return { status: 'ok', checks: states }
    return sendProblem(reply, 503, 'NOT_READY', `Missing: ${missing.join(', ')}`, { members: { checks: states } })
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
