import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { StartFailure } from '../../src/failure.ts'
import { lockDataDir } from '../../src/lock.ts'
import { isAlive, processOf, type Process } from '../../src/processes.ts'
import { plainly } from '../../../test/kit/plainly.ts'
import { scratch } from '../../../test/kit/scratch.ts'

/** A process that does nothing until it is ended. */
async function sleeper (t: Test, ignoresTerm = false): Promise<{ child: ChildProcess, self: Process }> {
  const script = `${ignoresTerm ? "process.on('SIGTERM', () => {});" : ''} setInterval(() => {}, 1000); process.stdout.write('up')`
  const child = spawn(...plainly(process.execPath, ['-e', script]), { stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(() => { child.kill('SIGKILL') })
  await once(child.stdout!, 'data')
  const self = processOf(child.pid!)
  if (self === null) throw new Error('It ended at once')
  return { child, self }
}

/** The file that a launcher leaves behind when it is killed. */
function leave (dir: string, launcher: Process, children: Process[]): void {
  writeFileSync(join(dir, 'launcher.json'), JSON.stringify({ launcher, children }))
}

const dead: Process = { pid: 999_999_999, born: '1' }

t.test('a folder that another living launcher has is refused, and that one keeps it', async t => {
  const dir = scratch(t)
  const { self } = await sleeper(t)
  leave(dir, self, [])
  const before = readFileSync(join(dir, 'launcher.json'), 'utf8')
  const error = await lockDataDir(dir).catch(error => error)
  t.type(error, StartFailure)
  t.match(error.message, new RegExp(`already runs on ${dir} \\(process ${self.pid}\\)`))
  t.equal(readFileSync(join(dir, 'launcher.json'), 'utf8'), before)
  t.ok(isAlive(self))
})

t.test('what a killed launcher left running is ended first, by force if it must be', async t => {
  const dir = scratch(t)
  const [polite, deaf] = [await sleeper(t), await sleeper(t, true)]
  leave(dir, dead, [polite.self, deaf.self])
  const lock = await lockDataDir(dir, 300)
  t.notOk(isAlive(polite.self))
  t.notOk(isAlive(deaf.self))
  lock.release()
  t.notOk(existsSync(join(dir, 'launcher.json')))
})

t.test('a process that only has the pid of one that was left is not touched', async t => {
  const dir = scratch(t)
  const { self } = await sleeper(t)
  leave(dir, { pid: self.pid, born: 'before' }, [{ pid: self.pid, born: 'before' }])
  const lock = await lockDataDir(dir)
  t.ok(isAlive(self))
  lock.release()
})

t.test('of two that want the folder of a dead one at the same time, one gets it', async t => {
  const dir = scratch(t)
  leave(dir, dead, [])
  const module = new URL('../../src/lock.ts', import.meta.url).href
  const script = `import { lockDataDir } from ${JSON.stringify(module)}
    await lockDataDir(${JSON.stringify(dir)}).then(() => { process.stdout.write('mine'); setTimeout(() => {}, 20000) }, () => { process.stdout.write('not mine') })`
  const args = ['--import', new URL('../../../test/kit/strip-types.mjs', import.meta.url).href, '--input-type=module', '-e', script]
  const children = [1, 2, 3].map(() => spawn(...plainly(process.execPath, args), { stdio: ['ignore', 'pipe', 'inherit'] }))
  t.teardown(() => { for (const child of children) child.kill('SIGKILL') })
  const answers = await Promise.all(children.map(async child => String((await once(child.stdout, 'data'))[0])))
  t.same(answers.sort(), ['mine', 'not mine', 'not mine'])
})

t.test('a folder that cannot be used is named, with the reason', async t => {
  const file = join(scratch(t), 'file')
  writeFileSync(file, '')
  for (const dir of [file, join(file, 'below')]) {
    const error = await lockDataDir(dir).catch(error => error)
    t.type(error, StartFailure)
    t.equal(error.message, `DATA_DIR ${dir} cannot be used: a file stands where the folder should be`)
  }
})

t.test('half a lock file, as a power cut leaves it, is in nobody\'s way', async t => {
  const dir = scratch(t)
  writeFileSync(join(dir, 'launcher.json'), '{"launch')
  const lock = await lockDataDir(dir)
  t.equal(JSON.parse(readFileSync(join(dir, 'launcher.json'), 'utf8')).launcher.pid, process.pid)
  lock.release()
})
