import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds. */
const firstBytesWithin = 8000
/** How long a download may take, in milliseconds. */
export const downloadWithin = 15 * 60_000

/** A place that a mongod can be downloaded from. */
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
  /** Called with a sentence for each step that takes long. */
  readonly say: (line: string) => void
}

/** mongodb.org, by mongodb-memory-server: it knows the archive for each system and checks its sum. */
export const fromMongodbOrg: Source = {
  name: 'mongodb.org',
  async fetch ({ dir, signal }) {
    // Read from the environment only. The package checks no certificate unless npm is strict, and retries for ever.
    process.env['npm_config_strict_ssl'] ??= 'true'
    process.env['MONGOMS_MAX_RETRIES'] ??= '1'
    const { MongoBinary } = await import('mongodb-memory-server-core')
    const done = new AbortController()
    const stalled = rejectIfStalled(dir, AbortSignal.any([signal, done.signal]))
    return await Promise.race([MongoBinary.getPath({ downloadDir: dir }), stalled]).finally(() => { done.abort() })
  }
}

/** Rejects if no byte arrives, as behind a firewall that drops packets, or if the download takes too long. */
async function rejectIfStalled (dir: string, signal: AbortSignal): Promise<never> {
  await sleep(firstBytesWithin, undefined, { signal })
  const hasBytes = readdirSync(dir).some(name => name.includes('mongodb-') && statSync(join(dir, name)).size > 0)
  if (!hasBytes) throw new Error('no answer')
  await sleep(downloadWithin, undefined, { signal })
  throw new Error('too slow')
}
