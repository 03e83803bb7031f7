import { usageOf } from '../processes.ts'
import type { Side } from './sides.ts'

export interface Figure {
  /** Operations per second. */
  readonly min: number
  readonly median: number
  readonly max: number
  /** CPU milliseconds per operation, of this process and of mongod. */
  readonly cpu: number
  readonly mongod: number
}

export interface MeasureOptions {
  readonly inFlight: number
  readonly mongod: number
  /** The length of a round, in milliseconds. */
  readonly time?: number
  readonly rounds?: number
}

interface Spent { done: number, own: number, mongod: number }

/** Measures the sides alternately (A B A B), so that other load on the machine affects all of them. */
export async function measure<N extends string> (
  sides: Readonly<Record<N, Side>>, { inFlight, mongod, time = 1500, rounds = 3 }: MeasureOptions
): Promise<Record<N, Figure>> {
  const names = Object.keys(sides) as N[]
  const rates = new Map<N, number[]>(names.map(name => [name, []]))
  const spent = new Map<N, Spent>(names.map(name => [name, { done: 0, own: 0, mongod: 0 }]))
  for (const name of names) await sides[name](inFlight, performance.now() + 300)
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const [own, other, startedAt] = [process.cpuUsage(), usageOf(mongod).cpu, performance.now()]
      const done = await sides[name](inFlight, startedAt + time)
      rates.get(name)?.push(done / (performance.now() - startedAt) * 1000)
      const used = process.cpuUsage(own)
      const total = spent.get(name) as Spent
      total.done += done
      total.own += (used.user + used.system) / 1000
      total.mongod += usageOf(mongod).cpu - other
    }
  }
  return Object.fromEntries(names.map(name => {
    const sorted = (rates.get(name) as number[]).sort((a, b) => a - b)
    const { done, own, mongod } = spent.get(name) as Spent
    const median = sorted[Math.floor(sorted.length / 2)]
    return [name, { min: sorted[0], median, max: sorted.at(-1), cpu: own / done, mongod: mongod / done }]
  })) as Record<N, Figure>
}

export function row (name: string, { min, median, max, cpu, mongod }: Figure, against?: Figure): string {
  const ratio = against === undefined ? '' : (median / against.median).toFixed(2)
  const rates = [min, median, max].map(rate => Math.round(rate))
  return `| ${[name, ...rates, cpu.toFixed(3), mongod.toFixed(3), ratio].join(' | ')} |`
}

export const head = '| | min/s | median/s | max/s | own CPU ms | mongod CPU ms | ratio |\n|---|---|---|---|---|---|---|'
