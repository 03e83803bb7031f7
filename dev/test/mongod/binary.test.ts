import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { StartFailure } from '../../src/failure.ts'
import { findMongod, type MongodBinary } from '../../src/mongod-binary.ts'
import type { Source } from '../../src/mongod-sources.ts'
import { scratch } from '../../../test/kit/scratch.ts'

const { signal } = new AbortController()
const real = await findMongod({ env: process.env, say: line => { t.comment(line) }, signal })

/** A search on a machine that has nothing but what `env` says. The sources, which lie outside, are stand-ins. */
function search (env: NodeJS.ProcessEnv, ...sources: Source[]): Promise<MongodBinary> {
  return findMongod({ env: { PATH: '', ...env }, say () {}, signal, sources })
}

function source (name: string, fill: (dir: string) => string): Source & { calls: number } {
  return {
    name,
    calls: 0,
    async fetch ({ dir }) {
      this.calls++
      return fill(dir)
    }
  }
}

const working = () => source('working', dir => {
  symlinkSync(real.path, join(dir, 'a-mongod'))
  return join(dir, 'a-mongod')
})
const unreachable = () => source('unreachable', () => { throw new Error('no such host') })

/** A program that is there and runs, but is not what is looked for. */
function program (t: Test, output: string): string {
  const file = join(scratch(t), 'mongod')
  writeFileSync(file, `#!/bin/sh\necho '${output}'\n`)
  chmodSync(file, 0o755)
  return file
}

t.test('MONGOD is taken before anything else', async t => {
  t.same(await search({ MONGOD: real.path }), real)
})

t.test('MONGOD that cannot be used is an error that says so, and nothing else is tried', async t => {
  const spare = working()
  const XDG_CACHE_HOME = scratch(t)
  for (const [MONGOD, reason] of [
    ['/nowhere/mongod', /^MONGOD=\/nowhere\/mongod cannot be used: .*ENOENT/],
    [program(t, 'hello'), /cannot be used: is not a mongod$/],
    [program(t, 'db version v4.4.30'), /cannot be used: is version 4\.4\.30, but 6\.0 or later is needed$/]
  ] as const) {
    const error = await search({ MONGOD, XDG_CACHE_HOME }, spare).catch(error => error)
    t.type(error, StartFailure)
    t.match(error.message, reason)
  }
  t.equal(spare.calls, 0)
})

t.test('a mongod on the PATH is used, but an old one is passed over', async t => {
  const bin = scratch(t)
  symlinkSync(real.path, join(bin, 'mongod'))
  const old = join(program(t, 'db version v3.6.0'), '..')
  t.match(await search({ PATH: `${old}:${bin}` }), { path: join(bin, 'mongod'), version: real.version })
})

t.test('what was fetched once is used again without asking anybody', async t => {
  const env = { XDG_CACHE_HOME: scratch(t) }
  const [first, second] = [unreachable(), working()]
  const fetched = await search(env, first, second)
  t.match(fetched, { version: real.version })
  t.ok(fetched.path.startsWith(env.XDG_CACHE_HOME))
  t.same(await search(env, first, second), fetched)
  t.same([first.calls, second.calls], [1, 1])
})

t.test('what does not run is not kept, and the error says what was tried and what to do', async t => {
  const env = { XDG_CACHE_HOME: scratch(t) }
  const cutOff = source('cut off', dir => {
    writeFileSync(join(dir, 'mongod'), '\x7fELF', { mode: 0o755 })
    return join(dir, 'mongod')
  })
  const error = await search(env, cutOff, unreachable()).catch(error => error)
  t.type(error, StartFailure)
  t.match(error.message, /install MongoDB 6 or later, or set MONGOD .* or MONGODB_URI .*tried: cut off: .*; unreachable: no such host/)
  t.notOk(error.message.includes('\n'))
  const folder = join(env.XDG_CACHE_HOME, 'laurel', `${process.platform}-${process.arch}`)
  t.same(readdirSync(folder), [], 'nothing is left in the cache')
})

t.test('two starts at once fetch into one cache without disturbing each other, and a killed one is swept up', async t => {
  const env = { XDG_CACHE_HOME: scratch(t) }
  const folder = join(env.XDG_CACHE_HOME, 'laurel', `${process.platform}-${process.arch}`)
  const killed = join(folder, 'new-999999999-abcdef')
  mkdirSync(killed, { recursive: true })
  const [one, other] = await Promise.all([search(env, working()), search(env, working())])
  t.same(one, other)
  t.notOk(existsSync(killed))
  t.same(readdirSync(folder), ['mongod'])
})
