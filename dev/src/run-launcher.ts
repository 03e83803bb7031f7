import { join } from 'node:path'
import { StartupError } from '@laurel/shared/errors'
import { launch } from './launcher.ts'
import { laurelServices } from './services.ts'
import { readSettings } from './settings.ts'
import type { Terminal } from './terminal.ts'

const root = join(import.meta.dirname, '../..')

/** Runs all of Laurel until `stop` is aborted or a program exits. Prints why it failed. Returns the exit code. */
export async function runLauncher (env: NodeJS.ProcessEnv, terminal: Terminal, stop: AbortController): Promise<number> {
  try {
    const settings = readSettings(env, process.cwd())
    return await launch({ env, settings, services: laurelServices(root, settings), terminal, stop })
  } catch (error) {
    terminal.error(error instanceof StartupError ? error.message : String((error as Error).stack))
    return 1
  }
}
