import { createEngine, collections } from '@laurel/event-service/engine'
import { connectMongo } from '@laurel/shared/mongo'
import { fill, giveActivities, giveHistory, makeEvent, templateOf } from './engine/data.ts'
import { head, measure, row } from './engine/measure.ts'
import { bareInsert, ours, transactions } from './engine/sides.ts'
import { ingestions } from './engine/ingestions.ts'
import { twoProcesses } from './engine/two.ts'
import { removeData, startProduct } from './product.ts'
import { saveReport } from './results.ts'

// The claim engine without HTTP, on the mongod that `npm start` runs: `npm run bench:engine [existing claims]`.
const [existing = '1000000'] = process.argv.slice(2)
const product = await startProduct()
const mongod = product.processes.get('mongod') as number
const uri = product.mongoUri('bench')
const { db, close } = await connectMongo(uri, 'bench', 'bench', collections)
const lines: string[] = []
const print = (...text: string[]): void => {
  lines.push(...text)
  process.stdout.write(`${text.join('\n')}\n`)
}

try {
  const engine = createEngine(db, console, () => undefined, () => undefined)
  const [cold, hot] = [await makeEvent(engine, { stock: null }), await makeEvent(engine, { stock: 1_000_000_000 })]
  const template = await templateOf(engine, db, cold)

  async function claims (title: string): Promise<void> {
    print('', `## ${title}`, '')
    for (const inFlight of [1, 64, 256]) {
      const figures = await measure({
        bare: bareInsert(db, template),
        ours: ours(engine, cold),
        hot: ours(engine, hot),
        textbook: transactions(db, template, false),
        textbookHot: transactions(db, template, true)
      }, { inFlight, mongod, ...(inFlight === 1 ? { time: 1000 } : {}) })
      print(
        `${inFlight} in flight; ratio: engine to bare insert, limited to unlimited, engine to transactions`,
        '',
        head,
        row('bare insert of the same documents', figures.bare),
        row('engine', figures.ours, figures.bare),
        row('engine, limited (hot)', figures.hot, figures.ours),
        row('one transaction per claim', figures.textbook),
        row('engine, compared with it', figures.ours, figures.textbook),
        row('one transaction, limited', figures.textbookHot),
        row('engine, limited, compared with it', figures.hot, figures.textbookHot),
        ''
      )
    }
    print(...await twoProcesses(uri, hot, 256))
  }

  await claims('Claims, empty database')

  print('', '## Claims that read 30 activities of the user', '')
  const conditional = await makeEvent(engine, { stock: null, target: 30 })
  const users = await giveActivities(engine, 40_000, 30)
  let turn = 0
  const progress = await measure({
    without: ours(engine, cold),
    with: ours(engine, conditional, () => users[turn++ % users.length] ?? '')
  }, { inFlight: 64, mongod, time: 1000 })
  print(head, row('without', progress.without), row('with', progress.with, progress.without))

  print('', '## Ingestion, 100 activities per request, 16 in flight', '', ...await ingestions(engine, db, mongod))

  print('', '## Progress by length of history, one request at a time', '')
  const byLength = []
  for (const length of [10, 200, 1000, 100_000]) {
    const userId = await giveHistory(engine, db, length)
    const side = async (_: number, until: number): Promise<number> => {
      let done = 0
      const request = { eventId: conditional, userId, role: 'USER' } as const
      for (; performance.now() < until; done++) await engine.progress.read(request)
      return done
    }
    const first = performance.now()
    await side(1, first + 1)
    print(`- first read of ${length}: ${(performance.now() - first).toFixed(1)} ms`)
    byLength.push([length, (await measure({ side }, { inFlight: 1, mongod, time: 800 })).side] as const)
  }
  const usual = byLength[1]?.[1]
  print('', head)
  for (const [length, figure] of byLength) print(row(`${length} activities`, figure, usual))

  if (Number(existing) > 0) {
    await fill(db, template, Number(existing))
    await claims(`Claims, with ${existing} existing claims of 100,000 users`)
  }
  saveReport('engine', `# The claim engine without HTTP

With the mongod that \`npm start\` runs, with its journal on the disk. The sides alternate. Min, median and max of
three rounds.
${lines.join('\n')}
`)
} finally {
  await close()
  await product.stop()
  removeData(product.dataDir)
}
