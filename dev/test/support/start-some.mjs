import { join } from 'node:path'
import { launch } from '../../dist/launcher.js'
import { laurelServices } from '../../dist/services.js'
import { readSettings } from '../../dist/settings.js'
import { createStopController } from '../../dist/stop-controller.js'
import { createTerminal } from '../../dist/terminal.js'

// start-some.mjs NAME…: `npm start` with only these servers.
const { argv, env, stdout, stderr } = process
const settings = readSettings(env, process.cwd())
const terminal = createTerminal(
  { isProduction: false, hasColors: false }, text => { stdout.write(text) }, text => { stderr.write(text) }
)
const services = laurelServices(join(import.meta.dirname, '../../..'), settings)
  .filter(({ name }) => argv.includes(name))

process.exit(await launch({ env, settings, services, terminal, stop: createStopController() }))
