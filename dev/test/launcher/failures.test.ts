import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { findFreePort } from '../../src/ports.ts'
import { isAlive } from '../../src/processes.ts'
import { launchHere, ownEnvironment, startLaurel } from '../support/laurel.ts'
import { scratch } from '../../../test/kit/scratch.ts'

t.test('what cannot start says so in one line and leaves nothing running', async t => {
  const squatter = createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  t.teardown(() => { squatter.close() })
  const taken = (squatter.address() as AddressInfo).port
  const file = join(scratch(t), 'file')
  writeFileSync(file, '')

  const cases: Array<[NodeJS.ProcessEnv, string | RegExp]> = [
    [{ PORT: String(taken) }, `Port ${taken} (PORT) is taken: stop what uses it, or set PORT to another port\n`],
    [{ EVENT_PORT: String(taken) }, `Port ${taken} (EVENT_PORT) is taken: stop what uses it, or set EVENT_PORT to another port\n`],
    [{ AUTH_PORT: '70000' }, 'AUTH_PORT=70000 is not a port: use a whole number from 1 to 65535\n'],
    [{ PORT: '4711', AUTH_PORT: '4711' }, 'PORT and AUTH_PORT are both 4711: each needs its own\n'],
    [{ HOST: '192.0.2.1' }, /^Nothing can listen on 192\.0\.2\.1, port \d+ \(HOST, PORT\): EADDRNOTAVAIL\n$/],
    [{ DATA_DIR: file }, `DATA_DIR ${file} cannot be used: a file stands where the folder should be\n`],
    [{ MONGOD: '/nowhere/mongod' }, /^MONGOD=\/nowhere\/mongod cannot be used: .+\n$/],
    [{ MONGODB_URI: `mongodb://me:secret@127.0.0.1:${await findFreePort()}/` }, /^The MongoDB of MONGODB_URI cannot be used: (?!.*secret).+\n$/],
    [{ MONGODB_URI: 'somewhere' }, /^The MongoDB of MONGODB_URI cannot be used: .+\n$/]
  ]
  await Promise.all(cases.map(async ([changes, message]) => {
    const laurel = startLaurel(t, { ...await ownEnvironment(scratch(t)), ...changes })
    t.same(await laurel.ended, [1, null])
    t.match(laurel.stderr(), message)
    t.equal(laurel.stderr().split('\n').length, 2)
    t.equal(laurel.stdout(), '')
  }))
})

t.test('a process that ends by itself is named, and everything else is stopped', async t => {
  const uri = new URL(process.env['MONGODB_URI'] ?? '')
  const at = (name: string): string => Object.assign(new URL(uri), { pathname: `/launcher_${process.pid}_${name}` }).href
  const external = { AUTH_MONGODB_URI: at('auth'), EVENT_MONGODB_URI: at('event') }

  await t.test('a server, here with databases that somebody else runs', async t => {
    const env = { ...await ownEnvironment(scratch(t)), ...external }
    const { ready, ended, processes, stderr } = launchHere(t, env, ['auth-service'])
    await ready()
    t.equal(processes().length, 1, 'no database of its own is started')
    process.kill(processes()[0]?.pid ?? 0, 'SIGKILL')
    t.equal(await ended, 1)
    t.equal(stderr(), 'auth-service ended by itself (signal SIGKILL), so everything else is stopped\n')
  })

  await t.test('MongoDB', async t => {
    const { ready, ended, processes, stderr } = launchHere(t, await ownEnvironment(scratch(t)), ['auth-service'])
    await ready()
    const [mongod, server] = processes()
    process.kill(mongod?.pid ?? 0, 'SIGKILL')
    t.equal(await ended, 1)
    t.equal(stderr(), 'MongoDB ended by itself (signal SIGKILL), so everything else is stopped\n')
    t.ok(server !== undefined && !isAlive(server))
  })
})

t.test('a server that cannot start is named after its own words, and the database is stopped', async t => {
  const env = { ...await ownEnvironment(scratch(t)), BCRYPT_COST: 'much' }
  const { spawned, ended, processes, stderr } = launchHere(t, env, ['auth-service'])
  await spawned(2)
  const [mongod] = processes()
  t.equal(await ended, 1)
  t.match(stderr(), /BCRYPT_COST.*\nauth-service ended by itself \(exit code 1\), so everything else is stopped\n$/)
  t.ok(mongod !== undefined && !isAlive(mongod))
})

t.test('Ctrl-C during the start ends it without an error and leaves nothing running', async t => {
  const laurel = startLaurel(t, await ownEnvironment(scratch(t)))
  await laurel.spawned(1)
  const processes = laurel.processes()
  laurel.child.kill('SIGINT')
  t.same(await laurel.ended, [0, null])
  t.equal(laurel.stderr(), '')
  t.same(processes.filter(isAlive), [])
})
