import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../dev/src/ports.ts'
import { eventually } from '../../test/kit/run/eventually.ts'
import { createIssuer } from '../../test/kit/tokens/issuer.ts'
import { childrenOf } from '../../test/kit/servers/processes.ts'

const readyTimeout = 60_000
const tokenLifetimeSeconds = 3600

export interface Product {
  readonly url: string
  readonly dataDir: string
  /** Milliseconds from the start until it is ready. */
  readonly readyAfter: number
  /** Returns the URI of a database on its mongod. */
  readonly mongoUri: (database: string) => string
  /** Process ids by name. */
  readonly processes: ReadonlyMap<string, number>
  /** Returns an access token that this product accepts; no account is needed. */
  readonly tokenFor: TokenFor
  readonly stop: () => Promise<void>
}

type TokenFor = (userId: string, role: string) => string

/**
 * Starts the built product as `npm start` does, on free ports and in `dataDir` (by default a new folder).
 * @param root the checkout to start, by default this one.
 */
export async function startProduct (
  dataDir = mkdtempSync(join(tmpdir(), 'laurel-bench-')), settings: Readonly<Record<string, string>> = {}, root = '.'
): Promise<Product> {
  const port = await freePort()
  const { MONGODB_URI, AUTH_MONGODB_URI, EVENT_MONGODB_URI, ...inherited } = process.env
  const startedAt = Date.now()
  const launcher = spawn(process.execPath, ['dev/dist/start.js'], {
    cwd: root,
    stdio: 'ignore',
    env: {
      ...inherited,
      NODE_ENV: 'production',
      PORT: String(port),
      AUTH_PORT: String(await freePort()),
      EVENT_PORT: String(await freePort()),
      METRICS_PORT: String(await freePort()),
      DATA_DIR: dataDir,
      BCRYPT_COST: '6',
      // Enabled, but too high to be reached.
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOGIN_LIMIT_PER_MINUTE: '0',
      ...settings
    }
  })
  const ended = new Promise<void>(resolve => { launcher.once('exit', () => { resolve() }) })
  const url = `http://127.0.0.1:${port}`
  await eventually(async () => {
    if (launcher.exitCode !== null) throw new Error('The product did not start. Is it built?')
    return await fetch(`${url}/health/ready`).then(({ ok }) => ok, () => false)
  }, readyTimeout)
  const mongoPort = readFileSync(join(dataDir, 'mongodb', 'port'), 'utf8').trim()
  return {
    url,
    dataDir,
    readyAfter: Date.now() - startedAt,
    mongoUri: database => `mongodb://127.0.0.1:${mongoPort}/${database}?replicaSet=laurel`,
    processes: new Map(childrenOf(launcher.pid ?? 0).map(({ name, pid }) => [name, pid])),
    tokenFor: tokenMaker(readFileSync(join(dataDir, 'jwt-private-key.pem'), 'utf8')),
    async stop () {
      launcher.kill('SIGTERM')
      await ended
    }
  }
}

function tokenMaker (privatePem: string): TokenFor {
  const { token } = createIssuer(privatePem)
  return (sub, role) => token({ sub, role, exp: Math.floor(Date.now() / 1000) + tokenLifetimeSeconds })
}

export function removeData (dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true })
}
