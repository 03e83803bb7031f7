import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freePort } from '../../src/ports.ts'
import { runLauncher } from '../../src/run-launcher.ts'
import { createTerminal } from '../../src/terminal.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { childrenOf, isRunning, killAll, survivors } from '../../../test/kit/servers/processes.ts'
import { scratch } from '../../../test/kit/run/scratch.ts'
import { dataDirOf } from '../../../test/kit/tokens/data-dir.ts'
import { ownEnvironment, startLaurel, type Laurel } from '../support/laurel.ts'

async function loginStatus (url: string, password: string): Promise<number> {
  const { status } = await fetch(`${url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@example.com', password })
  })
  return status
}

function programsOf ({ child }: Laurel): Map<string, number> {
  return new Map(childrenOf(child.pid ?? 0).map(({ name, pid }) => [name, pid]))
}

const servers = ['auth-service', 'event-service', 'gateway']

/** Starts Laurel in this process, from its source. Returns the exit code and the output. */
async function failStart (env: NodeJS.ProcessEnv) {
  const written = { stdout: '', stderr: '' }
  const terminal = createTerminal(
    { isProduction: false, hasColors: false }, text => { written.stdout += text }, text => { written.stderr += text }
  )
  return { code: await runLauncher(env, terminal, new AbortController()), ...written }
}

/** Starts these programs, and kills one of them. The others stop, too. */
async function stopsAfter (
  t: Test, env: NodeJS.ProcessEnv, killed: string, shownName: string, started: readonly string[]
): Promise<Laurel> {
  const laurel = startLaurel(t, env, started)
  await laurel.ready()
  const programs = programsOf(laurel)
  t.same([...programs.keys()].filter(name => [...servers, 'mongod'].includes(name)).sort(), [...started].sort())
  process.kill(programs.get(killed) ?? 0, 'SIGKILL')
  t.same(await laurel.ended, [1, null])
  t.match(laurel.stderr(), `${shownName} exited (SIGKILL). Everything else is being stopped.\n`)
  t.same(await survivors([...programs.values()]), [])
  return laurel
}

t.test('data survives every kind of stop', async t => {
  const env = await ownEnvironment(scratch(t))
  const dataDir = env['DATA_DIR'] ?? ''
  let password = ''

  await t.test('the box names the API, the docs, the first ADMIN and the file of the password', async t => {
    const laurel = startLaurel(t, env)
    await laurel.ready()
    const [, box = ''] = laurel.stdout().split('Laurel is ready')
    for (const text of [laurel.url, `${laurel.url}/docs`, 'admin@example.com', join(dataDir, 'first-admin-password')]) {
      t.match(box, ` ${text} `)
    }
    password = readFileSync(join(dataDir, 'first-admin-password'), 'utf8').trim()
    t.equal(await loginStatus(laurel.url, password), 200)
    const readable = /^\[\d\d:\d\d:\d\d\] INFO \(gateway\): .*\/v1\/auth\/login/m
    t.ok(await eventually(async () => readable.test(laurel.stdout())), 'a readable line')

    const programs = programsOf(laurel)
    laurel.child.kill('SIGKILL')
    t.same([...programs.keys()].filter(name => servers.includes(name)).sort(), servers)
    t.same(await survivors([...programs.values()]), [], 'without a launcher, everything stops automatically')
  })

  await t.test('after kill -9 of all processes, the next start has the data', async t => {
    const laurel = startLaurel(t, env, ['auth-service'])
    await laurel.ready()
    t.equal(await loginStatus(`http://127.0.0.1:${env['AUTH_PORT']}`, password), 200)
    killAll(programsOf(laurel).values())
    laurel.child.kill('SIGKILL')
    await laurel.ended
  })

  await t.test('Ctrl-C, even twice, stops everything cleanly', async t => {
    const laurel = startLaurel(t, { ...env, NODE_ENV: 'production' })
    await laurel.ready()
    t.equal(await loginStatus(laurel.url, password), 200)
    const records = laurel.stdout().split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line).name)
    t.same([...new Set(records)].sort(), servers, 'the log is JSON in production')
    const programs = programsOf(laurel)
    laurel.child.kill('SIGINT')
    laurel.child.kill('SIGINT')
    t.same(await laurel.ended, [0, null])
    t.equal(laurel.stderr(), '')
    t.same([...programs.values()].filter(isRunning), [])
    t.equal(readFileSync(join(dataDir, 'mongodb/data/mongod.lock'), 'utf8'), '', 'MongoDB was not killed')
  })
})

t.test('a failed start prints the reason in one line and leaves no process running', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const used = (server.address() as AddressInfo).port
  const file = join(scratch(t), 'file')
  writeFileSync(file, '')
  const inUse = (name: string): string =>
    `Port ${used} (${name}) is in use. Stop the program that uses it, or set ${name} to another port.\n`
  const cannotUse = (dir: string, reason: string): string => `DATA_DIR ${dir} cannot be used: ${reason}\n`

  const cases: Array<[NodeJS.ProcessEnv, string | RegExp]> = [
    [{ PORT: String(used) }, inUse('PORT')],
    [{ EVENT_PORT: String(used) }, inUse('EVENT_PORT')],
    [{ AUTH_PORT: '70000' }, /^Configuration: .*AUTH_PORT.*\n$/],
    [{ PORT: '0' }, 'Configuration: PORT must be a port from 1 to 65535\n'],
    [{ PORT: '4711', AUTH_PORT: '4711' }, 'Configuration: PORT and AUTH_PORT are both 4711\n'],
    // All servers refuse it.
    [{ LOG_LEVEL: 'loud', MONGODB_URI: process.env['MONGODB_URI'] }, /^.*LOG_LEVEL.*\n$/],
    [{ HOST: '192.0.2.1' }, /^Cannot listen on 192\.0\.2\.1, port \d+ \(HOST, PORT\): EADDRNOTAVAIL\n$/],
    [{ DATA_DIR: file }, cannotUse(file, 'a file exists at this path')],
    [{ DATA_DIR: join(file, 'x') }, cannotUse(join(file, 'x'), 'a file exists at this path')],
    ...process.platform === 'linux'
      ? [[{ DATA_DIR: '/proc/x' }, cannotUse('/proc/x', 'a folder cannot be created')] as [NodeJS.ProcessEnv, string]]
      : [],
    [{ MONGOD: '/nowhere/mongod' }, /^MONGOD=\/nowhere\/mongod cannot be used: .+\n$/],
    [
      { MONGODB_URI: `mongodb://me:secret@127.0.0.1:${await freePort()}/` },
      /^(?!.*secret)The MongoDB of MONGODB_URI cannot be .+\n$/
    ],
    [{ MONGODB_URI: 'somewhere' }, /^Configuration: MONGODB_URI .+\n$/]
  ]
  // At once: a start waits for a used port, and for a database.
  await Promise.all(cases.map(async ([changes, message]) => {
    const failed = await failStart({ ...await ownEnvironment(scratch(t)), ...changes })
    t.match(failed, { code: 1, stdout: '', stderr: message })
    t.equal(failed.stderr.split('\n').length, 2)
  }))
  const laurel = startLaurel(t, { ...await ownEnvironment(scratch(t)), PORT: String(used) })
  t.same(await laurel.ended, [1, null])
  t.equal(laurel.stderr(), inUse('PORT'), 'npm start, too')

  const running = childrenOf(process.pid).map(({ name }) => name)
  t.same(running.filter(name => [...servers, 'mongod'].includes(name)), [])
})

t.test('if MongoDB exits unexpectedly, its name is printed and everything else is stopped', async t => {
  await stopsAfter(t, await ownEnvironment(dataDirOf(t)), 'mongod', 'MongoDB', ['auth-service', 'mongod'])
})

t.test('with the URIs of other databases, no MongoDB is started; if a server exits, the others stop', async t => {
  const at = (name: string): string =>
    Object.assign(new URL(process.env['MONGODB_URI'] ?? ''), { pathname: `/launcher_${process.pid}_${name}` }).href
  const databases = { AUTH_MONGODB_URI: at('auth'), EVENT_MONGODB_URI: at('event') }
  const passwordFile = join(scratch(t), 'password')
  writeFileSync(passwordFile, 'a password from a file\n')
  const env = { ...await ownEnvironment(dataDirOf(t)), ...databases, ADMIN_PASSWORD_FILE: passwordFile }
  const laurel = await stopsAfter(t, env, 'auth-service', 'auth-service', ['auth-service', 'event-service'])
  const [, box = ''] = laurel.stdout().split('Laurel is ready')
  t.match(box, /Password +ADMIN_PASSWORD /, 'the box names the setting of the password, not a generated file')
  t.match(box, /Data +in the MongoDB of your settings /)
})
