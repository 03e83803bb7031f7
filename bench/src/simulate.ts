import { loadavg } from 'node:os'
import { createEngine, collections } from '@laurel/event-service/engine'
import { connectMongo } from '@laurel/shared/mongo'
import { giveActivities, makeEvent } from './engine/data.ts'
import { measure } from './engine/measure.ts'
import { ours } from './engine/sides.ts'
import { usageOf } from './processes.ts'
import { removeData, startProduct } from './product.ts'
import { saveReport } from './results.ts'

// Measures simulateEvent without HTTP, and its effect on claims: `npm run bench:simulate [users] [activities per
// user]`.
const [users = '100000', each = '10'] = process.argv.slice(2)
const product = await startProduct()
const mongod = product.processes.get('mongod') as number
const { db, close } = await connectMongo(
  product.mongoUri('bench'), 'bench', 'bench', collections
)
const rounds = 3

try {
  const engine = createEngine(db, console, () => undefined, () => undefined)
  await giveActivities(engine, Number(users), Number(each))
  const events = {
    'a count of activities': await makeEvent(engine, { stock: null, target: 5 }),
    'no condition': await makeEvent(engine, { stock: null })
  }
  const lines = []
  for (const [name, id] of Object.entries(events)) {
    const event = await engine.events.find(id)
    if (event === null) throw new Error('The event is gone.')
    const times = []
    const [own, before] = [process.cpuUsage(), usageOf(mongod).cpu]
    let answer = ''
    for (let round = 0; round < rounds; round++) {
      const startedAt = performance.now()
      const outcome = await engine.simulate(event).catch((error: { readonly code?: string }) => error.code)
      times.push(Math.round(performance.now() - startedAt))
      answer = typeof outcome === 'object'
        ? `${outcome.users} users, ${outcome.eligible.length} eligible`
        : String(outcome)
    }
    const { user, system } = process.cpuUsage(own)
    const cpu = [(user + system) / 1000, usageOf(mongod).cpu - before].map(spent => Math.round(spent / rounds))
    lines.push(`| ${name} | ${[...times.toSorted((a, b) => a - b), ...cpu].join(' | ')} | ${answer} |`)
  }

  const claimed = await makeEvent(engine, { stock: null })
  const simulated = await engine.events.find(events['no condition'])
  const load = { isOver: false }
  const alone = await measure({ claims: ours(engine, claimed) }, { inFlight: 64, mongod, time: 1000 })
  const busy = (async () => {
    while (!load.isOver) if (simulated !== null) await engine.simulate(simulated).catch(() => undefined)
  })()
  const meanwhile = await measure({ claims: ours(engine, claimed) }, { inFlight: 64, mongod, time: 1000 })
  load.isOver = true
  await busy
  saveReport('simulate', `# simulateEvent without HTTP

${users} users with ${each} activities each; three rounds.
Load average of the machine: ${loadavg().map(load => load.toFixed(1)).join(' ')}.

| condition | min ms | median ms | max ms | own CPU ms | mongod CPU ms | answer |
|---|---|---|---|---|---|---|
${lines.join('\n')}

Claims per second, 64 in flight: ${Math.round(alone.claims.median)} alone, ${Math.round(meanwhile.claims.median)} while
one simulation follows the other in the same process.
`)
} finally {
  await close()
  await product.stop()
  removeData(product.dataDir)
}
