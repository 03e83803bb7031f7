import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Done, Order } from './compare/side.ts'
import { usageOf } from './processes.ts'
import { removeData, startProduct } from './product.ts'
import { saveReport } from './results.ts'

// Compares the claim engine of this checkout with that of another one, alternating on one mongod: `npm run
// bench:compare -- OTHER_CHECKOUT [rounds]`. Both must be built. The ratios are this checkout divided by the other one.
const [other, rounds = '11'] = process.argv.slice(2)
if (other === undefined) throw new Error('Name the other checkout: npm run bench:compare -- OTHER_CHECKOUT [rounds]')
const time = 500

const product = await startProduct()
const mongod = product.processes.get('mongod') as number

async function startSide (name: string, checkout: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('compare/side.ts', import.meta.url))
  const side = fork(script, [checkout, product.mongoUri(name)])
  side.once('exit', code => { if (code !== 0 && code !== null) process.exit(1) })
  await once(side, 'message')
  return side
}

/** Milliseconds per claim: wall time, and the CPU time of this side and of mongod. */
type Figures = Readonly<Record<'wall' | 'own' | 'mongod', number>>

async function measure (side: ChildProcess, order: Order): Promise<Figures> {
  const before = usageOf(mongod).cpu
  side.send(order)
  const [{ claims, time, cpu }] = await once(side, 'message') as [Done]
  return { wall: time / claims, own: cpu / claims, mongod: (usageOf(mongod).cpu - before) / claims }
}

function median (figures: readonly Figures[], name: keyof Figures): number {
  return figures.map(figure => figure[name]).sort((a, b) => a - b)[Math.floor(figures.length / 2)] as number
}

/** Returns the commit of a checkout and its date. */
function commitOf (checkout: string): string {
  return execFileSync('git', ['-C', checkout, 'log', '-1', '--format=%h (%cs)'], { encoding: 'utf8' }).trim()
}

const lines: string[] = []
try {
  const [theirs, ours] = [await startSide('theirs', other), await startSide('ours', '.')]
  for (const event of ['unlimited', 'limited'] as const) {
    for (const inFlight of [1, 64, 256]) {
      const figures = new Map<ChildProcess, Figures[]>([[theirs, []], [ours, []]])
      // The first round is a warm-up. The order alternates, so that neither side always comes second.
      for (let round = 0; round <= Number(rounds); round++) {
        for (const side of round % 2 === 0 ? [theirs, ours] : [ours, theirs]) {
          const measured = await measure(side, { event, inFlight, time })
          if (round > 0) figures.get(side)?.push(measured)
        }
      }
      const ratio = (name: keyof Figures): number =>
        median(figures.get(ours) ?? [], name) / median(figures.get(theirs) ?? [], name)
      const cells = [1 / ratio('wall'), ratio('own'), ratio('mongod')].map(value => value.toFixed(2))
      lines.push(`| ${[event, inFlight, ...cells].join(' | ')} |`)
    }
  }
  for (const side of [theirs, ours]) side.disconnect()
} finally {
  await product.stop()
  removeData(product.dataDir)
}

saveReport('compare', `# The claim engine of two checkouts

${commitOf('.')} divided by ${commitOf(other)}: claims per second, and CPU time per claim of the
process and of mongod. The sides alternate; each figure is the ratio of the medians of ${rounds} rounds of ${time} ms.

| event | in flight | rate | own CPU | mongod CPU |
|---|---|---|---|---|
${lines.join('\n')}
`)
