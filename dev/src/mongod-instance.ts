import { MongoInstance } from 'mongodb-memory-server-core'
import { replicaSetName } from './replica-set.ts'

export interface InstanceOptions {
  /** The path of the program. */
  readonly binary: string
  /** The folder of the data. */
  readonly data: string
  readonly port: number
}

// Otherwise, the package logs a warning if the version differs from its default version.
process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] ??= 'false'

/**
 * Runs mongod with mongodb-memory-server, whose killer process stops mongod if this process is killed. Adds parameters,
 * and keeps the last error that mongod logged.
 */
export class LaurelMongoInstance extends MongoInstance {
  lastError: string | undefined
  /** Resolves with the reason when mongod has exited. */
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

  /** Stops mongod with a signal. The package would connect first, and log a warning if mongod is already stopping. */
  override async stop (): Promise<boolean> {
    this.isReplSet = false
    return await super.stop()
  }

  /** Splits the output into lines, because the package parses each chunk as one line of JSON. */
  override stdoutHandler (chunk: string | Buffer): void {
    const lines = `${this.#rest}${String(chunk)}`.split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      this.lastError = errorIn(line) ?? this.lastError
      super.stdoutHandler(line)
    }
  }
}

/** Returns the message of a log line that reports an error with its cause, otherwise `undefined`. */
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

/** Parameters for a laptop. The defaults would use half of the memory and 5% of the disk. */
export function mongodParameters ({ cacheGB, oplogMB }: { cacheGB: number, oplogMB: number }): string[] {
  return [
    '--nounixsocket', '--quiet', '--wiredTigerCacheSizeGB', String(cacheGB), '--oplogSize', String(oplogMB),
    '--setParameter', 'diagnosticDataCollectionEnabled=false',
    // A single-node replica set would wait 15 seconds for an election that no member can win.
    '--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0',
    // The default is one minute. An open transaction of a killed server would lock its documents for that time.
    '--setParameter', 'transactionLifetimeLimitSeconds=10'
  ]
}
