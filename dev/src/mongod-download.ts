import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long the first byte may take, in milliseconds. */
const firstByteTimeout = 8000
/** How long a download may take, in milliseconds. */
export const downloadTimeout = 15 * 60_000

/** A source from which mongod can be downloaded. */
export interface Source {
  readonly name: string
  /** Returns the path of a mongod. */
  readonly fetch: (options: FetchOptions) => Promise<string>
}

export interface FetchOptions {
  /** A folder for the download; the caller removes it. */
  readonly dir: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** Called with a sentence before each slow step. */
  readonly print: (line: string) => void
}

/** mongodb.org, through mongodb-memory-server, which selects the archive for the system and verifies its checksum. */
export const fromMongodbOrg: Source = {
  name: 'mongodb.org',
  async fetch ({ dir, signal }) {
    // Can only be set in the environment. By default, the package verifies certificates only if npm does, and retries
    // forever.
    process.env['npm_config_strict_ssl'] ??= 'true'
    process.env['MONGOMS_MAX_RETRIES'] ??= '1'
    const { MongoBinary } = await import('mongodb-memory-server-core')
    const done = new AbortController()
    const stalled = rejectIfStalled(dir, AbortSignal.any([signal, done.signal]))
    return await Promise.race([MongoBinary.getPath({ downloadDir: dir }), stalled]).finally(() => { done.abort() })
  }
}

/** Rejects if no byte arrives, for example because a firewall drops packets, or if the download takes too long. */
async function rejectIfStalled (dir: string, signal: AbortSignal): Promise<never> {
  await sleep(firstByteTimeout, undefined, { signal })
  const hasBytes = readdirSync(dir).some(name => name.includes('mongodb-') && statSync(join(dir, name)).size > 0)
  if (!hasBytes) throw new Error('no response')
  await sleep(downloadTimeout, undefined, { signal })
  throw new Error('too slow')
}
