import { execFileSync, spawnSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, signer, toJwk } from './product.ts'
import { haproxy, isInstalled, nginx, startRival, type Rival } from './rivals.ts'
import { saveReport } from './results.ts'

// Gateways side by side, each alone on one core, before the same fast upstream and the same load on the other: `npm run bench:gateway`, after a build.
// Linux with taskset, nginx and wrk; HAProxy and the peers of bench/peers (`npm ci` there) where they are installed.
const connections = 64
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3)
const seconds = Number(process.env['BENCH_SECONDS'] ?? 5)

/** Requests after which a compiler has done its work. */
const warm = 20_000

interface Measured {
  readonly requests: number
  readonly rate: number
  readonly p99: number
  /** CPU microseconds a request. */
  readonly cpu: number
  readonly failed: number
}

for (const program of ['taskset', 'nginx', 'wrk']) {
  if (!isInstalled(program)) throw new Error(`${program} is needed (Debian: apt-get install util-linux nginx-light wrk)`)
}

const dir = mkdtempSync(join(tmpdir(), 'laurel-bench-'))
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const publicKeyFile = join(dir, 'public.pem')
writeFileSync(publicKeyFile, createPublicKey(pem).export({ type: 'spki', format: 'pem' }))
// More users than tokens are remembered (10,000): when one comes again, the gateway has forgotten the token.
const users = 20_000
const usual = 1000
const sign = signer(pem)
writeFileSync(join(dir, 'tokens'), Array.from({ length: users }, (_, n) => `Bearer ${sign(`user-${n}`, 'USER')}\n`).join(''))
const scriptOf = (count: number): string => `local tokens = {}
for token in io.lines("${join(dir, 'tokens')}") do
  if #tokens < ${count} then tokens[#tokens + 1] = token end
end
local next = 0
request = function ()
  next = next % #tokens + 1
  return wrk.format("GET", "/v1/events", { authorization = tokens[next] })
end
done = function (summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(99), errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
`
for (const count of [usual, users]) writeFileSync(join(dir, `${count}.lua`), scriptOf(count))

function measure ({ port, cpu }: Rival, count = usual): Measured {
  const before = cpu()
  const { stdout } = spawnSync('taskset', ['-c', '1', 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '-s', join(dir, `${count}.lua`), `http://127.0.0.1:${port}`], { encoding: 'utf8' })
  const [requests = 0, duration = 1, p99 = 0, failed = 0] = (/RESULT (\d+) (\d+) (\d+) (\d+)/.exec(stdout) ?? []).slice(1).map(Number)
  return { requests, rate: requests / duration * 1e6, p99: p99 / 1000, cpu: (cpu() - before) * 1000 / requests, failed }
}

const running: Rival[] = []
async function start (name: string, command: (port: number) => readonly string[], env: (port: number) => Readonly<Record<string, string>> = () => ({})): Promise<void> {
  const port = await freePort()
  running.push(await startRival(name, port, command(port), env(port)))
}

try {
  const upstreamPort = await freePort()
  const body = JSON.stringify({ data: 'x'.repeat(1000) })
  const jwks = JSON.stringify({ keys: [toJwk(pem)] })
  const revocations = JSON.stringify({ asOf: new Date().toISOString(), revocations: [] })
  const upstream = await startRival('upstream', upstreamPort, nginx(dir, upstreamPort,
    `default_type application/json; location / { return 200 '${body}'; } location = /.well-known/jwks.json { return 200 '${jwks}'; } location = /internal/revocations { return 200 '${revocations}'; }`), {}, '1')
  try {
    const upstreamUrl = `http://127.0.0.1:${upstreamPort}`
    const peer = (port: number) => ({ PORT: String(port), UPSTREAM_URL: upstreamUrl, PUBLIC_KEY_FILE: publicKeyFile, NODE_ENV: 'production' })
    await start('Laurel', () => ['node', 'gateway/dist/server.js'], port => ({
      PORT: String(port), METRICS_PORT: '0', AUTH_URL: upstreamUrl, EVENT_URL: upstreamUrl, NODE_ENV: 'production', RATE_LIMIT_PER_MINUTE: '1000000'
    }))
    await start('nginx, no token', port => nginx(dir, port, 'location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header connection ""; }', `upstream up { server 127.0.0.1:${upstreamPort}; keepalive 128; }`))
    if (isInstalled('haproxy')) await start('HAProxy, RS256', port => haproxy(dir, port, upstreamPort, publicKeyFile))
    if (existsSync('bench/peers/node_modules')) {
      await start('Express + http-proxy-middleware', () => ['node', 'bench/peers/express.js'], peer)
      await start('NestJS + axios', () => ['node', 'bench/peers/nest.js'], peer)
    }

    const [laurel] = running as [Rival]
    const rush = `${laurel.name}, no user twice`
    const results = new Map<string, Measured[]>([laurel.name, rush, ...running.slice(1).map(({ name }) => name)].map(name => [name, []]))
    for (const rival of running) {
      let sent = 0
      for (let attempt = 0; sent < warm && attempt < 6; attempt++) sent += measure(rival).requests
    }
    for (let round = 0; round < rounds; round++) {
      for (const rival of running) results.get(rival.name)?.push(measure(rival))
      results.get(rush)?.push(measure(laurel, users))
    }
    report(results)
  } finally {
    upstream.stop()
  }
} finally {
  for (const rival of running) rival.stop()
  rmSync(dir, { recursive: true, force: true })
}

function spread (values: readonly number[], digits: number): string {
  const sorted = [...values].sort((a, b) => a - b)
  return [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map(value => value?.toFixed(digits)).join(' · ')
}

function report (results: ReadonlyMap<string, readonly Measured[]>): void {
  const rows = [...results].map(([name, measured]) =>
    `| ${name} | ${spread(measured.map(({ rate }) => rate), 0)} | ${spread(measured.map(({ cpu }) => cpu), 1)} | ${spread(measured.map(({ p99 }) => p99), 1)} | ${measured.reduce((sum, { failed }) => sum + failed, 0)} |`)
  const text = `# Gateways side by side

One core each, ${connections} connections, ${rounds} rounds of ${seconds} s by turns after one to warm up, RS256 tokens of ${usual} users (${users} where none comes twice before its token is forgotten), an upstream that answers 1 kB of JSON. Laurel with all that ships:
token, role, limits, metrics, log line. Each cell: min · median · max. Absolute figures are of the machine (${execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim()}, Node ${process.version}); compare CPU time.

| | requests a second | CPU µs a request | p99 ms | failed |
|---|---|---|---|---|
${rows.join('\n')}
`
  saveReport('gateway', text)
}
