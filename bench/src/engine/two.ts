import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createEngine } from '@laurel/event-service/engine'
import { connectMongo } from '@laurel/shared/mongo'
import { ours } from './sides.ts'

const rounds = 3
const time = 2000

/** Compares one process with two on a limited event, alternately, with the same number of requests in flight. */
export async function twoProcesses (uri: string, eventId: string, inFlight: number): Promise<string[]> {
  const workers = [0, 1].map(() => fork(fileURLToPath(import.meta.url), [uri, eventId]))
  await Promise.all(workers.map(async worker => await once(worker, 'message')))
  const rate = async (count: number): Promise<number> => {
    const done = await Promise.all(workers.slice(0, count).map(async worker => {
      worker.send(inFlight / count)
      return Number((await once(worker, 'message'))[0])
    }))
    return done.reduce((a, b) => a + b) / time * 1000
  }
  const rates: Record<1 | 2, number[]> = { 1: [], 2: [] }
  for (let round = 0; round < rounds; round++) {
    for (const count of [1, 2] as const) rates[count].push(await rate(count))
  }
  for (const worker of workers) worker.disconnect()
  const [one, two] = [rates[1].toSorted((a, b) => a - b), rates[2].toSorted((a, b) => a - b)]
  const text = (sorted: number[]): string => sorted.map(rate => Math.round(rate)).join(' · ')
  const ratio = ((two[1] ?? 0) / (one[1] ?? 1)).toFixed(2)
  return [
    `One process on one limited event, ${inFlight} in flight: ${text(one)}/s; two processes: ${text(two)}/s;`,
    `ratio of the medians ${ratio}`
  ]
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , uri = '', eventId = ''] = process.argv
  const { db, close } = await connectMongo(uri, 'bench', 'bench', [])
  const run = ours(createEngine(db, console, () => undefined, () => undefined), eventId)
  process.on('message', (inFlight: number) => {
    void run(inFlight, performance.now() + time).then(done => process.send?.(done))
  })
  process.on('disconnect', () => { void close() })
  process.send('ready')
}
