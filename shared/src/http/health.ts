import type { Server } from './create-server.ts'
import { sendProblem } from './problem.ts'

/** Something that a server cannot work without: resolves while it is there, rejects while it is not. */
export type Check = () => Promise<unknown>

/** Milliseconds: what was found out is told to whoever else asks. */
const keptFor = 500

/**
 * `/health/live`: the process runs. `/health/ready`: it can do its work now; names what is missing with 503,
 * and is the first to know that it is about to end.
 * @param checks by name; each is given `timeout` milliseconds.
 * @param helpful what it can do without: named too, and never a reason for 503.
 */
export function addHealth (app: Server, checks: Readonly<Record<string, Check>>, timeout = 2000, helpful: Readonly<Record<string, Check>> = {}): void {
  app.get('/health/live', { config: { operationId: 'live', access: 'public' } }, async () => ({ status: 'ok' }))
  let last: { readonly at: number, readonly entries: Promise<Array<readonly [string, boolean]>> } | undefined
  const look = async (): Promise<Array<readonly [string, boolean]>> =>
    await Promise.all(Object.entries({ ...checks, ...helpful }).map(async ([name, check]) => [name, await passes(check, timeout)] as const))

  app.get('/health/ready', { config: { operationId: 'ready', access: 'public' } }, async (_request, reply) => {
    if (app.ending.begun) return sendProblem(reply, 503, 'ENDING', 'This server is about to end')
    // Nobody is limited here, so a flood must not reach what is checked.
    if (last === undefined || Date.now() - last.at > keptFor) last = { at: Date.now(), entries: look() }
    const entries = await last.entries
    const states = Object.fromEntries(entries.map(([name, passed]) => [name, passed ? 'ok' : 'down']))
    const missing = entries.filter(([name, passed]) => !passed && name in checks).map(([name]) => name)
    if (missing.length === 0) return { status: 'ok', checks: states }
    return sendProblem(reply, 503, 'NOT_READY', `Missing: ${missing.join(', ')}`, { members: { checks: states } })
  })
}

async function passes (check: Check, timeout: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => { timer = setTimeout(resolve, timeout, false) })
  try {
    return await Promise.race([check().then(() => true, () => false), late])
  } finally {
    clearTimeout(timer)
  }
}
