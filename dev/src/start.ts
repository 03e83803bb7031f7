import { join } from 'node:path'
import { StartFailure } from './failure.ts'
import { STOP, launch } from './launcher.ts'
import { whenNpmEnds } from './npm-parent.ts'
import { outputTo } from './output.ts'
import { laurelServices } from './services.ts'
import { readSettings } from './settings.ts'

/** `npm start`: the whole of Laurel on one machine, until Ctrl-C. */
const root = join(import.meta.dirname, '../..')
const stdout = outputTo(process.stdout)
const stderr = outputTo(process.stderr)
const halt = new AbortController()
// npm may send a signal a second time, and so may an impatient person: the stop that is under way goes on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { halt.abort(STOP) })
whenNpmEnds(() => { halt.abort(STOP) })
process.on('uncaughtException', error => { halt.abort(error) })

async function main (): Promise<number> {
  try {
    const settings = readSettings(process.env, process.cwd())
    return await launch({ env: process.env, settings, services: laurelServices(root, settings), stdout, stderr, halt })
  } catch (error) {
    stderr.write(`${error instanceof StartFailure ? error.message : String(error)}\n`)
    return 1
  }
}

const code = await main()
await Promise.all([stdout.flushed(), stderr.flushed()])
process.exit(code)
