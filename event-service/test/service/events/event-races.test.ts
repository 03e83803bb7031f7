import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { inFullRun } from '../../../../test/kit/run/size.ts'
import { runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, atOnce, countByStatus } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, server } = await sharedEventService()
const operator = as('OPERATOR')
const easy = { aggregation: 'count', activity: 'quest.cleared', target: 1 } as const
const hard = { ...easy, target: 1000 }
const points = { type: 'POINT', name: 'Points', amount: 1 }

async function create (rewards?: readonly object[]): Promise<string> {
  const { body } = await call('POST', '/v1/events', { token: operator, body: runningEvent(easy, { rewards }) })
  return `/v1/events/${body.id as string}`
}
const patch = async (turn: number, path: string, body: object, headers = {}) =>
  await server(turn)('PATCH', path, { token: operator, body, headers })
const rounds = inFullRun(20, 10)

/** Runs the rounds, five at a time. More concurrent rounds would exceed the timeouts of the servers. */
async function inRounds<T> (run: (round: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  while (results.length < rounds) results.push(...await atOnce(5, async index => await run(results.length + index)))
  return results
}

/** Waits for a random time of up to 30 ms, so that either request can be first. */
const jitter = async () => { await sleep(Math.random() * 30) }
const read = async (path: string) => (await call('GET', path, { token: operator })).body

t.test('200: two concurrent patches are both applied', async t => {
  await inRounds(async round => {
    const path = await create()
    const [name, description] = [`name ${round}`, `description ${round}`]
    const answers = await Promise.all([patch(0, path, { name }), patch(1, path, { description })])
    t.strictSame(countByStatus(answers), { 200: 2 })
    t.hasStrict(await read(path), { name, description, version: 3 })
  })
})

t.test('412: of twenty concurrent patches of one version one is applied', async t => {
  const path = await create()
  const answers = await atOnce(
    20,
    async index => await patch(index, path, { name: `name ${index}` }, { 'if-match': '"1"' })
  )
  t.strictSame(countByStatus(answers), { 200: 1, 412: 19 })
  const winner = answers.findIndex(({ status }) => status === 200)
  t.hasStrict(await read(path), { name: `name ${winner}`, version: 2 })
})

t.test('409 EVENT_FROZEN: a patch of a frozen field is either applied before the activation or rejected', async t => {
  const changes = await inRounds(async round => {
    const path = await create([points])
    const [activation, change] = await Promise.all([
      jitter().then(async () => await patch(round, path, { status: 'ACTIVE' })),
      jitter().then(async () => await patch(round + 1, path, { condition: hard }))
    ])
    t.equal(activation.status, 200)
    if (change.status !== 200) t.hasStrict(change, { status: 409, body: { code: 'EVENT_FROZEN' } })
    const { condition } = await read(path)
    t.strictSame(condition, activation.body.condition, 'the condition is the one that was activated')
    t.strictSame(condition, change.status === 200 ? hard : easy)
    t.equal((await patch(round, path, { condition: change.status === 200 ? easy : hard })).status, 409)
    return change
  })
  t.comment(`the change by status: ${JSON.stringify(countByStatus(changes))}`)
})

t.test('409 EVENT_FROZEN: a reward is either added before the activation or rejected', async t => {
  const inTime = await inRounds(async round => {
    const path = await create([points])
    const add = async (turn: number) =>
      await jitter().then(async () => await server(turn)('POST', `${path}/rewards`, { token: operator, body: points }))
    const [activation, ...adding] = await Promise.all([
      jitter().then(async () => await patch(round, path, { status: 'ACTIVE' })),
      ...[0, 1, 2, 3].map(add)
    ])
    t.equal(activation.status, 200)
    t.ok(adding.every(({ status, body }) => status === 201 || body.code === 'EVENT_FROZEN'))
    const added = adding.filter(({ status }) => status === 201).map(({ body }) => body.id).sort()
    const addedIds = (rewards: Array<{ id: string }>) => rewards.slice(1).map(({ id }) => id).sort()
    t.strictSame(addedIds((await read(path)).rewards), added, 'every reward with a 201 is stored')
    t.strictSame(addedIds(activation.body.rewards), added, 'and was there at the activation')
    return added.length
  })
  t.comment(`rewards added in time: ${inTime.join(' ')}`)
})

t.test('409 TOO_MANY_REWARDS: of thirty concurrent rewards twenty are added', async t => {
  const path = await create()
  const answers = await atOnce(
    30,
    async index =>
      await server(index)('POST', `${path}/rewards`, { token: operator, body: { ...points, name: `Points ${index}` } })
  )
  t.strictSame(countByStatus(answers), { 201: 20, 409: 10 })
  t.ok(answers.every(({ status, body }) => status === 201 || body.code === 'TOO_MANY_REWARDS'))
  const { rewards, version } = await read(path)
  t.equal(new Set(rewards.map(({ name }: { name: string }) => name)).size, 20)
  t.equal(version, 21)
})

t.test('201: twenty concurrent requests with one Idempotency-Key add one reward', async t => {
  const path = await create()
  const request = { token: operator, body: points, headers: { 'idempotency-key': 'once' } }
  const answers = await atOnce(20, async index => await server(index)('POST', `${path}/rewards`, request))
  t.strictSame(countByStatus(answers), { 201: 20 })
  t.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  t.equal(
    answers.filter(({ headers }) => headers.get('idempotent-replayed') === null).length,
    1,
    'one of them is not a replay'
  )
  t.equal((await read(path)).rewards.length, 1)
})
