import { join } from 'node:path'
import { StartupError } from '@laurel/shared/errors'
import { launch } from './launcher.ts'
import { laurelServices } from './services.ts'
import { readSettings } from './settings.ts'
import { stopSignal } from './stop-signals.ts'
import { createTerminal } from './terminal.ts'

/** `npm start`: all of Laurel on one machine, until Ctrl-C. */
const { env, stdout, stderr } = process
const root = join(import.meta.dirname, '../..')
const stop = stopSignal()
process.on('uncaughtException', error => { stop.abort(error) })
// The reader of the output may have exited. The launcher continues.
for (const stream of [stdout, stderr]) stream.on('error', () => {})
const terminal = createTerminal(
  { isProduction: env['NODE_ENV'] === 'production', hasColors: stdout.isTTY && !env['NO_COLOR'] },
  text => { stdout.write(text) }, text => { stderr.write(text) }
)

async function main (): Promise<number> {
  try {
    const settings = readSettings(env, process.cwd())
    return await launch({ env, settings, services: laurelServices(root, settings), terminal, stop })
  } catch (error) {
    terminal.error(error instanceof StartupError ? error.message : String((error as Error).stack))
    return 1
  }
}

process.exitCode = await main()
process.exit()
