import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parts, type Part } from './crash/parts.ts'
import { runPart, type Report, type RunOptions } from './crash/run-part.ts'
import { StartFailure } from './failure.ts'
import { findMongod } from './mongod-binary.ts'
import { whenNpmEnds } from './npm-parent.ts'

/** `node crash.js [--seed N] [--seconds N] [--part NAME]`: kills servers and databases under load, and proves that every promise was kept. */
const limitSeconds = 300
const shownViolations = 30

const halt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { halt.abort(signal) })
whenNpmEnds(() => { halt.abort('SIGTERM') })

function readArguments (): { seed: number, seconds?: number, chosen: readonly Part[] } {
  const { values } = parseArgs({ options: { seed: { type: 'string' }, seconds: { type: 'string' }, part: { type: 'string' } } })
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32))
  const chosen = parts.filter(({ name }) => values.part === undefined || name === values.part)
  if (!Number.isSafeInteger(seed) || !(Number(values.seconds ?? 1) > 0) || chosen.length === 0) {
    throw new StartFailure(`Usage: node crash.js [--seed N] [--seconds N] [--part ${parts.map(({ name }) => name).join('|')}]`)
  }
  return { seed, chosen, ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }) }
}

function write (line: string): void {
  process.stdout.write(`${line}\n`)
}

function show ({ name }: Part, { kills, outcomes, claims, soldOut, proofs, violations, logged }: Report, seed: number, seconds: number): void {
  const requests = [...outcomes.values()].reduce((sum, count) => sum + count, 0)
  write(`${name}: ${kills} kills, ${requests} requests, ${claims} claims, ${soldOut} events sold out, ${violations.length} violations, ${proofs} proofs that the checks see, ${seconds} seconds`)
  for (const [outcome, count] of [...outcomes].sort(([a], [b]) => a < b ? -1 : 1)) write(`  ${String(count).padStart(7)}  ${outcome}`)
  if (violations.length === 0) return
  for (const violation of violations.slice(0, shownViolations)) write(`  VIOLATED: ${violation}`)
  if (violations.length > shownViolations) write(`  … and ${violations.length - shownViolations} more`)
  write(`  The servers' last errors:\n${logged}\n  Again with: node dev/dist/crash.js --part ${name} --seed ${seed}`)
}

async function main (): Promise<number> {
  const { seed, seconds, chosen } = readArguments()
  write(`seed ${seed}`)
  const longest = limitSeconds + (seconds ?? 0) * chosen.length
  const limit = AbortSignal.timeout(longest * 1000)
  const signal = AbortSignal.any([halt.signal, limit])
  const { path: binary } = await findMongod({ env: process.env, signal, say: write })
  let violated = 0
  for (const part of chosen) {
    const startedAt = performance.now()
    const secondsOf = (): number => Math.round((performance.now() - startedAt) / 1000)
    const options: RunOptions = {
      root: fileURLToPath(new URL('../..', import.meta.url)), binary, seed, ...(seconds === undefined ? {} : { seconds }), signal, say: line => { write(`${part.name} ${secondsOf()} s: ${line}`) }
    }
    const report = await runPart(part, options).catch((error: unknown) => {
      throw limit.aborted ? new StartFailure(`${part.name} was not done when ${longest} seconds were over`) : error
    })
    show(part, report, seed, secondsOf())
    violated += report.violations.length
  }
  return violated === 0 ? 0 : 1
}

try {
  process.exit(await main())
} catch (error) {
  if (halt.signal.aborted) process.exit(130)
  write(error instanceof StartFailure ? error.message : String(error instanceof Error ? error.stack : error))
  process.exit(1)
}
