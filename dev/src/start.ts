import { runLauncher } from './run-launcher.ts'
import { createStopController } from './stop-controller.ts'
import { createTerminal } from './terminal.ts'

/** `npm start`: all of Laurel on one machine, until Ctrl-C. */
const { env, stdout, stderr } = process
const stop = createStopController()
process.on('uncaughtException', error => { stop.abort(error) })
// The reader of the output may have exited. The launcher continues.
for (const stream of [stdout, stderr]) stream.on('error', () => {})
const terminal = createTerminal(
  { isProduction: env['NODE_ENV'] === 'production', hasColors: stdout.isTTY && !env['NO_COLOR'] },
  text => { stdout.write(text) }, text => { stderr.write(text) }
)

process.exitCode = await runLauncher(env, terminal, stop)
process.exit()
