import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { StartupError } from '@laurel/shared/errors'
import { createStopController } from '../../dev/src/stop-controller.ts'
import { runProgram } from '../kit/run/program.ts'
import { describeOutcomes, runScenario, type Report } from './run-scenario.ts'
import { scenarios, type Scenario } from './scenarios.ts'

/** Kills servers and databases under load, then checks every guarantee. `[--seed N] [--seconds N] [--scenario NAME]` */
const limitSeconds = 300
const maxViolations = 30
const root = fileURLToPath(new URL('../..', import.meta.url))
const names = scenarios.map(({ name }) => name).join('|')
const usage = `Usage: npm run test:chaos -- [--seed N] [--seconds N] [--scenario ${names}]`

const stop = createStopController()

interface Arguments {
  readonly seed: number
  readonly seconds: number | undefined
  readonly chosen: readonly Scenario[]
}

function readArguments (): Arguments {
  const { values } = parseArgs({
    options: { seed: { type: 'string' }, seconds: { type: 'string' }, scenario: { type: 'string' } }
  })
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32))
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds)
  const chosen = scenarios.filter(({ name }) => values.scenario === undefined || name === values.scenario)
  if (!Number.isSafeInteger(seed) || !((seconds ?? 1) > 0) || chosen.length === 0) throw new StartupError(usage)
  return { seed, seconds, chosen }
}

function write (line: string): void {
  process.stdout.write(`${line}\n`)
}

function show ({ name }: Scenario, report: Report, seed: number, seconds: number): void {
  const { kills, outcomes, claims, soldOut, damages, violations, serverLog } = report
  const requests = [...outcomes.values()].reduce((sum, count) => sum + count, 0)
  write(`${name}: ${kills} kills, ${requests} requests, ${claims} claims, ${soldOut} events sold out, ` +
    `${violations.length} violations, ${damages} kinds of damage detected, ${seconds} seconds`)
  for (const line of describeOutcomes(outcomes)) write(line)
  if (violations.length === 0) return
  for (const violation of violations.slice(0, maxViolations)) write(`  VIOLATED: ${violation}`)
  if (violations.length > maxViolations) write(`  … and ${violations.length - maxViolations} more`)
  write(`  The servers' last errors:\n${serverLog}`)
  write(`  Run again with: npm run test:chaos -- --scenario ${name} --seed ${seed}`)
}

async function main (): Promise<number> {
  const { seed, seconds, chosen } = readArguments()
  write(`seed ${seed}`)
  const timeout = limitSeconds + (seconds ?? 0) * chosen.length
  const limit = AbortSignal.timeout(timeout * 1000)
  const signal = AbortSignal.any([stop.signal, limit])
  let violations = 0
  for (const scenario of chosen) {
    const startedAt = performance.now()
    const elapsed = (): number => Math.round((performance.now() - startedAt) / 1000)
    const print = (line: string): void => { write(`${scenario.name} ${elapsed()} s: ${line}`) }
    const report = await runScenario(scenario, { root, seed, seconds, signal, print }).catch((error: unknown) => {
      throw limit.aborted ? new StartupError(`${scenario.name} was not done after ${timeout} seconds.`) : error
    })
    show(scenario, report, seed, elapsed())
    violations += report.violations.length
  }
  return violations === 0 ? 0 : 1
}

await runProgram(main, stop.signal)
