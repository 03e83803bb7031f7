import { parseArgs } from 'node:util'
import { loadConfig, requireMongoUri } from '../../config.ts'
import { StartupError } from '../../errors.ts'
import { translateMongoError } from '../errors.ts'
import { backUp } from './back-up.ts'
import type { DatabaseAddress } from './databases.ts'
import { restore } from './restore.ts'

interface Arguments {
  readonly command: string
  readonly dir: string
  readonly replace: boolean
}

/** Runs `backup DIR` or `restore DIR [--replace]` on both databases of the platform. Throws `StartupError`. */
export async function runCommand (
  args: readonly string[], env: NodeJS.ProcessEnv, print: (line: string) => void
): Promise<void> {
  const { command, dir, replace } = readArguments(args)
  const addresses = readAddresses(env)
  try {
    if (command === 'backup') {
      const { databases } = await backUp(addresses, dir, print)
      for (const { name, clusterTime } of databases) {
        print(`Backed up ${name} as of ${new Date(clusterTime.seconds * 1000).toISOString()}.`)
      }
    } else {
      await restore(addresses, dir, { replace, print })
      print('Restored. Start the servers, which create the indexes, or first run npm run migrate.')
    }
  } catch (error) {
    if (translateMongoError(error) === undefined) throw error
    throw new StartupError(`MONGODB_URI: cannot reach MongoDB (${(error as Error).message})`)
  }
}

function readArguments (args: readonly string[]): Arguments {
  try {
    const { values: { replace = false }, positionals: [command = '', dir, ...more] } = parseArgs({
      args: [...args], allowPositionals: true, options: { replace: { type: 'boolean' } }
    })
    const isKnown = command === 'restore' || (command === 'backup' && !replace)
    if (isKnown && dir !== undefined && more.length === 0) return { command, dir, replace }
  } catch {
    // An unknown option.
  }
  throw new StartupError('Usage: npm run backup -- DIR, or npm run restore -- DIR [--replace]')
}

function readAddresses (env: NodeJS.ProcessEnv): DatabaseAddress[] {
  const config = loadConfig(['MONGODB_URI', 'AUTH_MONGODB_URI', 'EVENT_MONGODB_URI'], env)
  return [
    {
      name: 'laurel_auth',
      uri: requireMongoUri(config.AUTH_MONGODB_URI, config.MONGODB_URI, 'AUTH_MONGODB_URI')
    },
    {
      name: 'laurel_event',
      uri: requireMongoUri(config.EVENT_MONGODB_URI, config.MONGODB_URI, 'EVENT_MONGODB_URI')
    }
  ]
}
