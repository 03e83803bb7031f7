import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { createCall } from '../http/client.ts'
import { eventually } from '../run/eventually.ts'
import { plainly } from './plainly.ts'

/** Milliseconds. */
const startWithin = 60_000

export interface Child {
  readonly process: ChildProcess
  /** Its output so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Its log lines so far. */
  readonly log: () => Array<Record<string, unknown>>
  readonly exited: Promise<{ readonly code: number | null, readonly signal: string | null }>
  /** Resolves once this URL returns 200. Throws if the process exits first. */
  readonly answers: (url: string) => Promise<void>
  /** Resolves once its stdout contains this text. Throws if the process exits first. */
  readonly prints: (text: RegExp) => Promise<void>
}

const sourceOptions = [
  '--conditions=@laurel/source',
  '--import=./test/kit/run/measure-coverage.mjs',
  '--import=./test/kit/run/strip-types.mjs'
]

/** Runs a file on the sources, with coverage if this process has it. Killed with the test. */
export function startChild (t: Test, file: URL, env: Readonly<Record<string, string>>): Child {
  return watch(t, ...plainly(process.execPath, [...sourceOptions, fileURLToPath(file)]), env)
}

/** Runs a JavaScript file like a user of the platform. Killed with the test. */
export function startScript (
  t: Test, file: URL, env: Readonly<Record<string, string>>, args: readonly string[] = []
): Child {
  return watch(t, ...plainly(process.execPath, [fileURLToPath(file), ...args]), env)
}

export type ServerName = 'auth-service' | 'event-service' | 'gateway'

/** Runs a built server as in production, which starts in a fraction of the time. Killed with the test. */
export function startBuilt (t: Test, server: ServerName, env: Readonly<Record<string, string>>): Child {
  const script = fileURLToPath(new URL(`../../../${server}/dist/server.js`, import.meta.url))
  return watch(t, ...plainly(process.execPath, [script]), env)
}

function watch (t: Test, command: string, args: readonly string[], env: Readonly<Record<string, string>>): Child {
  const child = spawn(command, args, {
    env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc']
  })
  let [out, err] = ['', '']
  child.stdout?.on('data', (chunk: Buffer) => { out += chunk.toString() })
  child.stderr?.on('data', (chunk: Buffer) => { err += chunk.toString() })
  // Node.js emits no 'close' for a child that was disconnected, so wait for its streams.
  const written = [child.stdout, child.stderr].map(async stream =>
    await new Promise(resolve => stream?.on('close', resolve)))
  const exited = new Promise<{ code: number | null, signal: string | null }>(resolve => {
    child.on('exit', (code, signal) => { void Promise.all(written).then(() => { resolve({ code, signal }) }) })
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const running = (): void => {
    if (child.exitCode !== null) throw new Error(`It exited with ${child.exitCode}: ${err}`)
  }
  return {
    process: child,
    stdout: () => out,
    stderr: () => err,
    log: () => out.split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line)),
    exited,
    async answers (url) {
      await eventually(async () => {
        running()
        return await createCall(url)('GET', '').then(({ status }) => status === 200, () => false)
      }, startWithin, 50)
    },
    async prints (text) {
      await eventually(async () => {
        running()
        return text.test(out)
      }, startWithin)
    }
  }
}
