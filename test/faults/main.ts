import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { StartupError } from '@laurel/shared/errors'
import { createStopController } from '../../dev/src/stop-controller.ts'
import { runProgram } from '../kit/run/program.ts'
import { mongodbFaults } from './mongodb-faults.ts'
import { otherFaults } from './other-faults.ts'
import { processFaults } from './process-faults.ts'
import { runFault, type Fault, type Report } from './run-fault.ts'
import { faultsPage, lineOf, type Row } from './table.ts'

/** Injects each fault under load and reports what clients saw. Writes docs/faults.md. `[--seed N] [--fault NAME]` */
const root = fileURLToPath(new URL('../..', import.meta.url))
const all: readonly Fault[] = [...processFaults, ...mongodbFaults, ...otherFaults]
const usage = `Usage: npm run faults -- [--seed N] [--fault ${all.map(({ name }) => name).join('|')}]`
/** Milliseconds. */
const limit = 120_000
const maxViolations = 10

const stop = createStopController()

function write (line: string): void {
  process.stdout.write(`${line}\n`)
}

async function run (fault: Fault, seed: number): Promise<Report> {
  const startedAt = performance.now()
  const elapsed = (): string => ((performance.now() - startedAt) / 1000).toFixed(1)
  const print = (line: string): void => { write(`${fault.name} ${elapsed()} s: ${line}`) }
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(limit)])
  const report = await runFault(fault, { root, seed, signal, print })
  print(`${report.acknowledged} claims and accounts acknowledged, ${report.violations.length} violations`)
  for (const violation of report.violations.slice(0, maxViolations)) write(`  VIOLATED: ${violation}`)
  if (report.violations.length > 0) write(`  The servers' last lines:\n${report.log}`)
  return report
}

/** A fault that cannot be injected, or takes too long, does not affect the others. */
async function runOrSay (fault: Fault, seed: number): Promise<Row['report']> {
  try {
    return await run(fault, seed)
  } catch (error) {
    if (stop.signal.aborted) throw error
    write(String((error as Error).stack))
    return { failed: (error as Error).message }
  }
}

async function main (): Promise<number> {
  const { values } = parseArgs({ options: { seed: { type: 'string' }, fault: { type: 'string' } } })
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32))
  const chosen = all.filter(({ name }) => values.fault === undefined || name === values.fault)
  if (!Number.isSafeInteger(seed) || chosen.length === 0) throw new StartupError(usage)
  write(`seed ${seed}`)
  const rows: Row[] = []
  for (const fault of chosen) {
    const skipped = fault.missing?.()
    const row = { fault, report: skipped === undefined ? await runOrSay(fault, seed) : { skipped } }
    rows.push(row)
    write(lineOf(row))
  }
  // A single fault is for debugging, so the page is not written.
  if (chosen.length === all.length) {
    writeFileSync(join(root, 'docs/faults.md'), faultsPage(rows, new Date().toISOString().slice(0, 10)))
  }
  const isWell = ({ report }: Row): boolean =>
    'skipped' in report || ('observed' in report && report.violations.length === 0)
  return rows.every(isWell) ? 0 : 1
}

await runProgram(main, stop.signal)
