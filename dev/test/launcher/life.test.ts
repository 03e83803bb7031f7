import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isAlive } from '../../src/processes.ts'
import { ownEnvironment, startLaurel, survivors, type Laurel } from '../support/laurel.ts'
import { scratch } from '../../../test/kit/scratch.ts'

function post (url: string, path: string, body: object): Promise<Response> {
  return fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

function signIn ({ url }: Laurel, password: string): Promise<Response> {
  return post(url, '/v1/auth/login', { email: 'admin@example.com', password })
}

t.test('one Laurel through its life, always on the same data', async t => {
  const env = await ownEnvironment(scratch(t))
  const laurel = (): Laurel => startLaurel(t, env)
  let password = ''

  await t.test('the first start tells the address, the docs and, once, the password of the first ADMIN', async t => {
    const first = laurel()
    await first.ready()
    const found = first.stdout().match(/First ADMIN: admin@example\.com {2}password: (\S+)/g) ?? []
    t.equal(found.length, 1)
    password = found[0]?.split(' ').at(-1) ?? ''
    const banner = first.stdout().slice(first.stdout().indexOf('Laurel is ready'))
    t.match(banner, `API    ${first.url}\n`)
    t.match(banner, `Docs   ${first.url}/docs\n`)
    t.match(banner, `Data   ${join(env['DATA_DIR'] ?? '', 'mongodb')}\n`)
    t.match(banner, 'First ADMIN: ')
    t.equal((await signIn(first, password)).status, 200)

    const names = first.stdout().split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line).name)
    t.same([...new Set(names)].sort(), ['auth-service', 'event-service', 'gateway'], 'the log lines pass through whole')

    const second = startLaurel(t, { ...env, ...await ownEnvironment(env['DATA_DIR'] ?? '') })
    t.same(await second.ended, [1, null])
    t.match(second.stderr(), /^Laurel already runs on \S+ \(process \d+\).*\n$/, 'a second one on the same folder is refused')

    const [mongod, ...servers] = first.processes()
    first.child.kill('SIGKILL')
    t.equal(servers.length, 3)
    t.same(await survivors(servers), [], 'without a launcher the servers stop by themselves')
    t.ok(mongod !== undefined && isAlive(mongod), 'and the database waits')
  })

  await t.test('the next start takes over from a launcher that was killed', async t => {
    const second = laurel()
    await second.ready()
    t.notMatch(second.stdout(), 'First ADMIN')
    t.equal((await signIn(second, password)).status, 200)
    for (const { pid } of second.processes()) process.kill(pid, 'SIGKILL')
    second.child.kill('SIGKILL')
    await second.ended
  })

  await t.test('the next start has all data after a kill -9 of everything, and Ctrl-C, even twice, ends it cleanly', async t => {
    const third = laurel()
    await third.ready()
    t.equal((await signIn(third, password)).status, 200)
    const processes = third.processes()
    third.child.kill('SIGINT')
    third.child.kill('SIGINT')
    t.same(await third.ended, [0, null])
    t.equal(third.stderr(), '')
    t.equal(processes.length, 4)
    t.same(processes.filter(isAlive), [])
    const log = readFileSync(join(env['DATA_DIR'] ?? '', 'mongodb/mongod.log'), 'utf8')
    t.match(log.trimEnd().split('\n').at(-1), '"Shutting down","attr":{"exitCode":0}', 'MongoDB was stopped, not killed')
  })
})
