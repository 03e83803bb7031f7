import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../dev/src/ports.ts'
import { createIssuer } from '../../test/kit/tokens/issuer.ts'
import { haproxy, isInstalled, nginx, startRival, type Rival } from './rivals.ts'
import { saveReport } from './results.ts'

// Compares gateways. Each runs alone on one core; the same fast upstream and the same load run on the other core: `npm
// run bench:gateway`. Needs Linux with taskset, nginx and wrk; includes HAProxy and bench/peers if installed.
const connections = 64
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3)
const seconds = Number(process.env['BENCH_SECONDS'] ?? 5)

/** The number of requests after which the JIT compiler has optimized the code. */
const warmUp = 20_000

interface Measured {
  readonly requests: number
  readonly rate: number
  readonly p99: number
  /** CPU microseconds per request. */
  readonly cpu: number
  readonly failed: number
}

for (const program of ['taskset', 'nginx', 'wrk']) {
  if (!isInstalled(program)) throw new Error(`Install ${program} (Debian: util-linux, nginx-light, wrk).`)
}

const dir = mkdtempSync(join(tmpdir(), 'laurel-bench-'))
const { jwk, publicPem, token } = createIssuer()
const publicKeyFile = join(dir, 'public.pem')
writeFileSync(publicKeyFile, publicPem)
// More than fit into the token cache of the gateway (10,000), so a token is evicted before its user returns.
const users = 20_000
const usual = 1000
const exp = Math.floor(Date.now() / 1000) + 3600
const tokens = Array.from({ length: users }, (_, n) => `Bearer ${token({ sub: `user-${n}`, role: 'USER', exp })}\n`)
writeFileSync(join(dir, 'tokens'), tokens.join(''))
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
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  local p99 = latency:percentile(99)
  io.write(string.format("RESULT %d %d %d %d\\n", summary.requests, summary.duration, p99, failed))
end
`
for (const count of [usual, users]) writeFileSync(join(dir, `${count}.lua`), scriptOf(count))

function measure ({ port, cpu }: Rival, count = usual): Measured {
  const before = cpu()
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', join(dir, `${count}.lua`)]
  const command = ['-c', '1', 'wrk', ...options, `http://127.0.0.1:${port}`]
  const { stdout } = spawnSync('taskset', command, { encoding: 'utf8' })
  const [, ...numbers] = /RESULT (\d+) (\d+) (\d+) (\d+)/.exec(stdout) ?? []
  const [requests = 0, duration = 1, p99 = 0, failed = 0] = numbers.map(Number)
  return { requests, rate: requests / duration * 1e6, p99: p99 / 1000, cpu: (cpu() - before) * 1000 / requests, failed }
}

const running: Rival[] = []
async function start (
  name: string, command: (port: number) => readonly string[],
  env: (port: number) => Readonly<Record<string, string>> = () => ({})
): Promise<void> {
  const port = await freePort()
  running.push(await startRival(name, port, command(port), env(port)))
}

try {
  const upstreamPort = await freePort()
  const body = JSON.stringify({ data: 'x'.repeat(1000) })
  const jwks = JSON.stringify({ keys: [jwk] })
  const revocations = JSON.stringify({ asOf: new Date().toISOString(), revocations: [] })
  const locations = `default_type application/json;
    location / { return 200 '${body}'; }
    location = /.well-known/jwks.json { return 200 '${jwks}'; }
    location = /internal/revocations { return 200 '${revocations}'; }`
  const upstream = await startRival('upstream', upstreamPort, nginx(dir, upstreamPort, locations), {}, '1')
  try {
    const upstreamUrl = `http://127.0.0.1:${upstreamPort}`
    const NODE_ENV = 'production'
    const peer = (port: number) =>
      ({ PORT: String(port), UPSTREAM_URL: upstreamUrl, PUBLIC_KEY_FILE: publicKeyFile, NODE_ENV })
    await start('Laurel', () => ['node', 'gateway/dist/server.js'], port => ({
      PORT: String(port),
      METRICS_PORT: '0',
      AUTH_URL: upstreamUrl,
      EVENT_URL: upstreamUrl,
      NODE_ENV,
      RATE_LIMIT_PER_MINUTE: '1000000'
    }))
    await start('nginx, no token', port => nginx(dir, port,
      'location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header connection ""; }',
      `upstream up { server 127.0.0.1:${upstreamPort}; keepalive 128; }`))
    if (isInstalled('haproxy')) await start('HAProxy, RS256', port => haproxy(dir, port, upstreamPort, publicKeyFile))
    if (existsSync('bench/peers/node_modules')) {
      await start('Express + http-proxy-middleware', () => ['node', 'bench/peers/express.js'], peer)
      await start('NestJS + axios', () => ['node', 'bench/peers/nest.js'], peer)
    }

    const [laurel] = running as [Rival]
    const uncached = `${laurel.name}, no token cached`
    const [first = '', ...others] = running.map(({ name }) => name)
    const results = new Map<string, Measured[]>([first, uncached, ...others].map(name => [name, []]))
    for (const rival of running) {
      let sent = 0
      for (let attempt = 0; sent < warmUp && attempt < 6; attempt++) sent += measure(rival).requests
    }
    for (let round = 0; round < rounds; round++) {
      for (const rival of running) results.get(rival.name)?.push(measure(rival))
      results.get(uncached)?.push(measure(laurel, users))
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
  const chosen = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  return chosen.map(value => value?.toFixed(digits)).join(' · ')
}

function report (results: ReadonlyMap<string, readonly Measured[]>): void {
  const rows = [...results].map(([name, measured]) => {
    const rate = spread(measured.map(({ rate }) => rate), 0)
    const cpu = spread(measured.map(({ cpu }) => cpu), 1)
    const p99 = spread(measured.map(({ p99 }) => p99), 1)
    return `| ${name} | ${rate} | ${cpu} | ${p99} | ${measured.reduce((sum, { failed }) => sum + failed, 0)} |`
  })
  const machine = execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim()
  const text = `# Gateways compared

One core each, ${connections} connections, ${rounds} rounds of ${seconds} s in turn after a warm-up, RS256 tokens of
${usual} users (${users} for "no token cached"), an upstream that returns 1 kB of JSON. Laurel as it ships: token, role,
limits, metrics, log line. Each cell: min · median · max. Absolute figures depend on the machine
(${machine}, Node ${process.version}); compare CPU time.

| | requests/s | CPU µs per request | p99 ms | failed |
|---|---|---|---|---|
${rows.join('\n')}
`
  saveReport('gateway', text)
}
