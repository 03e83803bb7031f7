import { MongoInstance } from 'mongodb-memory-server-core'
import { replicaSetName } from './replica-set.ts'

export interface InstanceOptions {
  /** The path of the program. */
  readonly binary: string
  /** The folder of the data. */
  readonly data: string
  readonly port: number
}

// Without this, the package warns if the version differs from the one that it would download.
process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] ??= 'false'

/**
 * mongod as mongodb-memory-server runs it: with a second process that stops it if this one is killed. Added here are
 * the parameters, and the last error that mongod logged.
 */
export class LaurelMongoInstance extends MongoInstance {
  lastError: string | undefined
  /** Resolves when mongod has ended, with the reason. */
  readonly ended: Promise<string>
  #rest = ''

  constructor ({ binary, data, port }: InstanceOptions) {
    super({
      binary: { systemBinary: binary },
      instance: {
        dbPath: data,
        port,
        ip: '127.0.0.1',
        replSet: replicaSetName,
        args: mongodParameters({ cacheGB: 0.5, oplogMB: 512 }),
        launchTimeout: 60_000
      },
      // A terminal sends Ctrl-C to every process of its group; the database stops last.
      spawn: { detached: true }
    })
    this.ended = new Promise(resolve => {
      this.once('instanceClosed' as never, (code, signal) => { resolve(signal ?? `exit code ${code}`) })
    })
  }

  kill (): void {
    this.mongodProcess?.kill('SIGKILL')
  }

  /** Stops mongod by a signal. The package would connect first, and warn about a mongod that is already stopping. */
  override async stop (): Promise<boolean> {
    this.isReplSet = false
    return await super.stop()
  }

  /** Hands on whole lines: the package parses each chunk as one line of JSON. */
  override stdoutHandler (chunk: string | Buffer): void {
    const lines = `${this.#rest}${String(chunk)}`.split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      this.lastError = errorIn(line) ?? this.lastError
      super.stdoutHandler(line)
    }
  }
}

/** Returns the text of a log line that reports an error with its cause, else `undefined`. */
function errorIn (line: string): string | undefined {
  if (!/"s":"[EF]"/.test(line)) return undefined
  try {
    const { msg, attr } = JSON.parse(line)
    const cause = attr?.error?.errmsg ?? attr?.error
    return typeof cause === 'string' ? `${msg}: ${cause}` : undefined
  } catch {
    return undefined
  }
}

/** Parameters for a laptop: small, where the defaults are half of the memory and a twentieth of the disk. */
export function mongodParameters ({ cacheGB, oplogMB }: { cacheGB: number, oplogMB: number }): string[] {
  return [
    '--nounixsocket', '--quiet', '--wiredTigerCacheSizeGB', String(cacheGB), '--oplogSize', String(oplogMB),
    '--setParameter', 'diagnosticDataCollectionEnabled=false',
    // A replica set of one would wait 15 seconds for an election that no member can win.
    '--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0',
    // The default is a minute: a killed server's open transaction would hold its documents for so long.
    '--setParameter', 'transactionLifetimeLimitSeconds=10'
  ]
}
