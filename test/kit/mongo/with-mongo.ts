import { StartupError } from '@laurel/shared/errors'
import { execa } from 'execa'
import { createStopController } from '../../../dev/src/stop-controller.ts'

/** `with-mongo.ts COMMAND ARGS…`: runs a command with MONGODB_URI of a MongoDB that is removed afterward. */
const [command, ...args] = process.argv.slice(2)
const halt = createStopController()

interface End {
  readonly code: number
  readonly signal?: NodeJS.Signals | undefined
}

async function run (command: string, uri: string): Promise<End> {
  const child = execa(command, args, { stdio: 'inherit', env: { MONGODB_URI: uri }, reject: false })
  const stop = (): void => {
    const signal: NodeJS.Signals = halt.signal.reason
    // A terminal has already sent Ctrl-C to the command.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  if (halt.signal.aborted) stop()
  halt.signal.addEventListener('abort', stop)
  const { exitCode, signal, shortMessage } = await child
  if (exitCode === undefined && signal === undefined) throw new StartupError(shortMessage ?? `${command} did not start`)
  return { code: exitCode ?? 1, signal }
}

async function main (): Promise<End> {
  if (command === undefined) throw new StartupError('Usage: with-mongo.ts COMMAND [ARGUMENT…]')
  const given = process.env['MONGODB_URI']
  if (given) return await run(command, given)
  // Loaded lazily, because it is not needed with MONGODB_URI.
  const { startThrowAwayMongod } = await import('./throw-away.ts')
  const mongod = await startThrowAwayMongod(halt.signal, line => { process.stderr.write(`${line}\n`) })
  try {
    return await run(command, mongod.uri)
  } finally {
    await mongod.stop()
  }
}

function fail (error: unknown): End {
  if (halt.signal.aborted) return { code: 1, signal: halt.signal.reason }
  process.stderr.write(`${error instanceof StartupError ? error.message : String((error as Error).stack)}\n`)
  return { code: 1 }
}

// This process exits in the same way as the command, so that the parent sees no difference.
const { code, signal } = await main().catch(fail)
if (signal === undefined) process.exit(code)
process.removeAllListeners(signal)
process.kill(process.pid, signal)
