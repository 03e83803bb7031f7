import { describeStartupError } from '../../http/server/run-server.ts'
import { runCommand } from './command.ts'

try {
  await runCommand(process.argv.slice(2), process.env, line => { process.stdout.write(`${line}\n`) })
} catch (error) {
  process.stderr.write(`laurel: ${describeStartupError(error)}\n`)
  process.exitCode = 1
}
