import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { load, type Call, type Measured } from './load.ts'
import { removeData, startProduct, type Product } from './product.ts'
import { saveReport } from './results.ts'
import { giveActivities, makeEvent } from './seed.ts'

// Measures the CPU time of requests with and without traces, alternately on one machine: `npm run bench:traces [--
// ../other]`. If another built checkout is given, such as the version before a change, measures it, too. Needs Linux
// with taskset.
const [other] = process.argv.slice(2)
const connections = 32
const claimants = 1500
const rounds = 6
/** The core of all servers; the load and the databases use the others. */
const core = '0'
const servers = ['gateway', 'event-service'] as const

/** Receives and discards spans, like a local collector. */
const collector = createServer((request, response) => {
  request.resume().on('end', () => { response.writeHead(200, { 'content-type': 'application/json' }).end('{}') })
})
await new Promise<void>(resolve => { collector.listen(0, '127.0.0.1', resolve) })
const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`

interface Side {
  readonly name: string
  readonly product: Product
  readonly admin: string
  /** CPU milliseconds of gateway and event-service together, by kind of request and round. */
  readonly cpu: { readonly claims: number[], readonly lists: number[] }
}

async function startSide (name: string, settings: Readonly<Record<string, string>>, root = '.'): Promise<Side> {
  const product = await startProduct(undefined, settings, root)
  for (const server of servers) {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(product.processes.get(server))])
  }
  return { name, product, admin: product.tokenFor('bench-admin', 'ADMIN'), cpu: { claims: [], lists: [] } }
}

const sides = [
  await startSide('off', {}),
  await startSide('all traces', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
  await startSide('one in a hundred', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: '0.01' }),
  ...(other === undefined ? [] : [await startSide('off, other checkout', {}, other)])
]

const users = Array.from({ length: claimants }, (_, n) => `bench-user-${n}`)
const cpuOf = ({ cpu }: Measured): number => servers.reduce((sum, server) => sum + (cpu.get(server) ?? 0), 0)

async function measure ({ product, admin, cpu }: Side, round: number): Promise<void> {
  const eventId = await makeEvent(product, admin, `Round ${round}`)
  const tokens = users.map(user => product.tokenFor(user, 'USER'))
  const claims = tokens.map((token): Call => ({ method: 'POST', path: `/v1/events/${eventId}/claims`, token }))
  const lists = tokens.map((token): Call => ({ method: 'GET', path: '/v1/events', token }))
  const measured = [
    await load(product.url, claims, connections, product.processes),
    await load(product.url, lists, connections, product.processes)
  ] as const
  // In the first round, the code is compiled.
  if (round === 0) return
  cpu.claims.push(cpuOf(measured[0]))
  cpu.lists.push(cpuOf(measured[1]))
}

function median (values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function cells (side: Side, kind: 'claims' | 'lists'): string {
  const [own, off] = [side, sides[0] as Side].map(({ cpu }) => cpu[kind]) as [number[], number[]]
  const ratios = own.map((value, round) => value / (off[round] ?? 0))
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
  return `${median(own).toFixed(3)} | ${median(ratios).toFixed(2)} (${range})`
}

try {
  for (const { product, admin } of sides) {
    for (let n = 0; n < 20; n++) await makeEvent(product, admin, `Event ${n}`)
    await giveActivities(product, admin, users)
  }
  for (let round = 0; round <= rounds; round++) {
    // The order of the sides rotates between rounds.
    const order = round % 2 === 0 ? sides : sides.toReversed()
    for (const side of order) await measure(side, round)
  }
  const rows = sides.map(side => `| ${side.name} | ${cells(side, 'claims')} | ${cells(side, 'lists')} |`)
  saveReport('traces', `# The cost of traces

CPU milliseconds of a request in the gateway and in event-service together, both pinned to one core, with ${connections}
connections, on Node.js ${process.versions.node}. Medians of ${rounds} rounds; the ratio is to "off" in the same round,
with its smallest and largest value. The servers of all rows run side by side and are measured in turn.

| traces | claim, ms | ratio | list of 20 events, ms | ratio |
|---|---|---|---|---|
${rows.join('\n')}
`)
} finally {
  for (const { product } of sides) {
    await product.stop()
    removeData(product.dataDir)
  }
  collector.close()
}
