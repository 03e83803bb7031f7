import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { runningEvent } from '../../../test/kit/events.ts'
import { as, atOnce, countByStatus, startEventService } from '../../../test/kit/event-service.ts'

const { call, server } = await startEventService(t, {}, 2)
const operator = as('OPERATOR')
const rounds = 20
const easy = { aggregation: 'count', activity: 'quest.cleared', target: 1 }
const hard = { ...easy, target: 1000 }
const points = { type: 'POINT', name: 'Points', amount: 1 }

async function create (): Promise<string> {
  const { body } = await call('POST', '/v1/events', { token: operator, body: runningEvent(null, { condition: easy }) })
  return `/v1/events/${body.id as string}`
}
const patch = async (turn: number, path: string, body: object, headers = {}) => await server(turn)('PATCH', path, { token: operator, body, headers })
/** A few milliseconds, so that now the one and now the other is faster. */
const aMoment = async () => { await sleep(Math.random() * 30) }
const read = async (path: string) => (await call('GET', path, { token: operator })).body

t.test('200: two patches at once both land', async t => {
  await atOnce(rounds, async round => {
    const path = await create()
    const [name, description] = [`name ${round}`, `description ${round}`]
    const answers = await Promise.all([patch(0, path, { name }), patch(1, path, { description })])
    t.strictSame(countByStatus(answers), { 200: 2 })
    t.hasStrict(await read(path), { name, description, version: 3 })
  })
})

t.test('412: of twenty patches at once on one version one lands, the others are told', async t => {
  const path = await create()
  const answers = await atOnce(20, async index => await patch(index, path, { name: `name ${index}` }, { 'if-match': '"1"' }))
  t.strictSame(countByStatus(answers), { 200: 1, 412: 19 })
  const winner = answers.findIndex(({ status }) => status === 200)
  t.hasStrict(await read(path), { name: `name ${winner}`, version: 2 })
})

t.test('409 EVENT_FROZEN or earlier: a frozen field never changes after the activation, whoever is faster', async t => {
  const changes = await atOnce(rounds, async round => {
    const path = await create()
    const [activation, change] = await Promise.all([
      aMoment().then(async () => await patch(round, path, { status: 'ACTIVE' })),
      aMoment().then(async () => await patch(round + 1, path, { condition: hard }))
    ])
    t.equal(activation.status, 200)
    if (change.status !== 200) t.hasStrict(change, { status: 409, body: { code: 'EVENT_FROZEN' } })
    const { condition } = await read(path)
    t.strictSame(condition, activation.body.condition, 'what was activated is what stands')
    t.strictSame(condition, change.status === 200 ? hard : easy)
    t.equal((await patch(round, path, { condition: change.status === 200 ? easy : hard })).status, 409)
    return change
  })
  t.comment(`the change by status: ${JSON.stringify(countByStatus(changes))}`)
})

t.test('409 EVENT_FROZEN or earlier: a reward is never added after the activation, whoever is faster', async t => {
  const inTime = await atOnce(rounds, async round => {
    const path = await create()
    const add = async (turn: number) => await aMoment().then(async () => await server(turn)('POST', `${path}/rewards`, { token: operator, body: points }))
    const [activation, ...adding] = await Promise.all([aMoment().then(async () => await patch(round, path, { status: 'ACTIVE' })), ...[0, 1, 2, 3].map(add)])
    t.equal(activation.status, 200)
    t.ok(adding.every(({ status, body }) => status === 201 || body.code === 'EVENT_FROZEN'))
    const added = adding.filter(({ status }) => status === 201).map(({ body }) => body.id).sort()
    const { rewards } = await read(path)
    t.strictSame(rewards.map(({ id }: { id: string }) => id).sort(), added, 'those that were told so are there')
    t.strictSame(activation.body.rewards.map(({ id }: { id: string }) => id).sort(), added, 'and were there when it was activated')
    return added.length
  })
  t.comment(`rewards added in time: ${inTime.join(' ')}`)
})

t.test('409 TOO_MANY_REWARDS: of thirty at once twenty are added', async t => {
  const path = await create()
  const answers = await atOnce(30, async index => await server(index)('POST', `${path}/rewards`, { token: operator, body: { ...points, name: `Points ${index}` } }))
  t.strictSame(countByStatus(answers), { 201: 20, 409: 10 })
  t.ok(answers.every(({ status, body }) => status === 201 || body.code === 'TOO_MANY_REWARDS'))
  const { rewards, version } = await read(path)
  t.equal(new Set(rewards.map(({ name }: { name: string }) => name)).size, 20)
  t.equal(version, 21)
})

t.test('201: twenty at once with one Idempotency-Key add one reward', async t => {
  const path = await create()
  const request = { token: operator, body: points, headers: { 'idempotency-key': 'once' } }
  const answers = await atOnce(20, async index => await server(index)('POST', `${path}/rewards`, request))
  t.strictSame(countByStatus(answers), { 201: 20 })
  t.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  t.equal(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null).length, 1, 'one of them added it')
  t.equal((await read(path)).rewards.length, 1)
})
