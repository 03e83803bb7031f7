import { usageOf } from '../processes.ts'
import type { Side } from './sides.ts'

export interface Figure {
  /** A second. */
  readonly min: number
  readonly median: number
  readonly max: number
  /** CPU milliseconds apiece, of this process and of mongod. */
  readonly cpu: number
  readonly mongod: number
}

export interface MeasureOptions {
  readonly inFlight: number
  readonly mongod: number
  /** Milliseconds a round. */
  readonly time?: number
  readonly rounds?: number
}

/** Runs the sides in turn, A B A B, so that what else the machine does falls on all of them. */
export async function measure<N extends string> (sides: Readonly<Record<N, Side>>, { inFlight, mongod, time = 1500, rounds = 3 }: MeasureOptions): Promise<Record<N, Figure>> {
  const names = Object.keys(sides) as N[]
  const rates = new Map<N, number[]>(names.map(name => [name, []]))
  const spent = new Map<N, { done: number, own: number, mongod: number }>(names.map(name => [name, { done: 0, own: 0, mongod: 0 }]))
  for (const name of names) await sides[name](inFlight, performance.now() + 300)
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const [own, other, begun] = [process.cpuUsage(), usageOf(mongod).cpu, performance.now()]
      const done = await sides[name](inFlight, begun + time)
      rates.get(name)?.push(done / (performance.now() - begun) * 1000)
      const used = process.cpuUsage(own)
      const total = spent.get(name) as { done: number, own: number, mongod: number }
      total.done += done
      total.own += (used.user + used.system) / 1000
      total.mongod += usageOf(mongod).cpu - other
    }
  }
  return Object.fromEntries(names.map(name => {
    const sorted = (rates.get(name) as number[]).sort((a, b) => a - b)
    const { done, own, mongod } = spent.get(name) as { done: number, own: number, mongod: number }
    return [name, { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1), cpu: own / done, mongod: mongod / done }]
  })) as Record<N, Figure>
}

export function row (name: string, { min, median, max, cpu, mongod }: Figure, against?: Figure): string {
  const ratio = against === undefined ? '' : (median / against.median).toFixed(2)
  return `| ${[name, Math.round(min), Math.round(median), Math.round(max), cpu.toFixed(3), mongod.toFixed(3), ratio].join(' | ')} |`
}

export const head = '| | min/s | median/s | max/s | own CPU ms | mongod CPU ms | ratio |\n|---|---|---|---|---|---|---|'
