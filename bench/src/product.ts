import { spawn } from 'node:child_process'
import { createHash, createPublicKey, randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSigner } from 'fast-jwt'
import { childrenOf } from './processes.ts'

export interface Product {
  readonly url: string
  /** Milliseconds from the start to ready. */
  readonly readyAfter: number
  readonly processes: ReadonlyMap<string, number>
  /** An access token that this platform trusts, for somebody without an account. */
  readonly tokenFor: (userId: string, role: string) => string
  readonly stop: () => Promise<void>
}

export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Starts the built product as `npm start` does, on free ports and in `dataDir` (a new one where none is given). */
export async function startProduct (
  dataDir = mkdtempSync(join(tmpdir(), 'laurel-bench-')), settings: Readonly<Record<string, string>> = {}
): Promise<Product & { readonly dataDir: string }> {
  const [port, authPort, eventPort, metricsPort] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const { MONGODB_URI, AUTH_MONGODB_URI, EVENT_MONGODB_URI, ...inherited } = process.env
  const begun = Date.now()
  const launcher = spawn(process.execPath, ['dev/dist/start.js'], {
    stdio: 'ignore',
    env: {
      ...inherited,
      PORT: String(port),
      AUTH_PORT: String(authPort),
      EVENT_PORT: String(eventPort),
      METRICS_PORT: String(metricsPort),
      DATA_DIR: dataDir,
      BCRYPT_COST: '6',
      // Counted, and never reached.
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOGIN_LIMIT_PER_MINUTE: '0',
      ...settings
    }
  })
  const ended = new Promise<void>(resolve => { launcher.once('exit', () => { resolve() }) })
  const url = `http://127.0.0.1:${port}`
  while (!await isReady(url)) {
    if (launcher.exitCode !== null || Date.now() - begun > 60_000) throw new Error('the product did not start: is it built?')
    await sleep(20)
  }
  return {
    url,
    dataDir,
    readyAfter: Date.now() - begun,
    processes: childrenOf(launcher.pid ?? 0),
    tokenFor: signer(readFileSync(join(dataDir, 'jwt-private-key.pem'), 'utf8')),
    async stop () {
      launcher.kill('SIGTERM')
      await ended
    }
  }
}

export function removeData (dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true })
}

async function isReady (url: string): Promise<boolean> {
  return await fetch(`${url}/health/ready`).then(({ ok }) => ok, () => false)
}

/** The public half of a private key, as auth-service publishes it. */
export function toJwk (key: string): { kty: 'RSA', kid: string, use: 'sig', alg: 'RS256', n: string, e: string } {
  const { n, e } = createPublicKey(key).export({ format: 'jwk' }) as { n: string, e: string }
  const kid = createHash('sha256').update(JSON.stringify({ e, kty: 'RSA', n })).digest('base64url')
  return { kty: 'RSA', kid, use: 'sig', alg: 'RS256', n, e }
}

export function signer (key: string): Product['tokenFor'] {
  const { kid } = toJwk(key)
  const sign = createSigner({ key, algorithm: 'RS256', kid, header: { alg: 'RS256', typ: 'at+jwt' }, expiresIn: 3_600_000 })
  return (sub, role) => sign({ iss: 'laurel', aud: 'laurel-api', sub, sid: randomUUID(), jti: randomUUID(), role })
}
