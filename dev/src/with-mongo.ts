import { spawn } from 'node:child_process'
import { endOf, type End } from './child.ts'
import { StartFailure } from './failure.ts'
import { whenNpmEnds } from './npm-parent.ts'
import { startThrowAwayMongod } from './throw-away-mongod.ts'

/** `node with-mongo.js COMMAND ARGS…`: runs the command with MONGODB_URI to a MongoDB that is gone afterwards, data and all. */
const [command, ...args] = process.argv.slice(2)
const halt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { halt.abort(signal) })
whenNpmEnds(() => { halt.abort('SIGTERM') })

function run (env: NodeJS.ProcessEnv, command: string): Promise<End> {
  const child = spawn(command, args, { stdio: 'inherit', env })
  const pass = (): void => {
    const signal: NodeJS.Signals = halt.signal.reason
    // A terminal has sent its Ctrl-C to the command already, and a second one would make it less orderly.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  if (halt.signal.aborted) pass()
  halt.signal.addEventListener('abort', pass)
  return endOf(child)
}

async function main (): Promise<End> {
  if (command === undefined) throw new StartFailure('Usage: node with-mongo.js COMMAND [ARGUMENT…]')
  if (process.env['MONGODB_URI']) return await run(process.env, command)
  const mongod = await startThrowAwayMongod(halt.signal, line => { process.stderr.write(`${line}\n`) })
  try {
    return await run({ ...process.env, MONGODB_URI: mongod.uri }, command)
  } finally {
    await mongod.stop()
  }
}

/** Ends this process the way the command ended, so that whoever waits for it sees no difference. */
function endLike ({ code, signal, description }: End): void {
  if (signal !== null) {
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    return
  }
  if (code === null) process.stderr.write(`${command}: ${description}\n`)
  process.exit(code ?? 127)
}

try {
  endLike(await main())
} catch (error) {
  if (halt.signal.aborted) endLike({ code: null, signal: halt.signal.reason, description: '' })
  else {
    process.stderr.write(`${error instanceof StartFailure ? error.message : String(error)}\n`)
    process.exit(1)
  }
}
