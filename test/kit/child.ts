import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { plainly } from './plainly.ts'

export interface Child {
  readonly process: ChildProcess
  /** What it has written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Its log lines so far. */
  readonly log: () => Array<Record<string, unknown>>
  readonly exited: Promise<{ readonly code: number | null, readonly signal: string | null }>
  /** Resolves once this address answers 200. */
  readonly answers: (url: string) => Promise<void>
}

/** Runs a TypeScript file as a process of its own, as this one runs: it counts for coverage too. Killed with the test. */
export function startChild (t: Test, file: URL, env: Readonly<Record<string, string>>): Child {
  return watch(t, process.execPath, [...process.execArgv, fileURLToPath(file)], env)
}

/** Runs a server as it was built, as in production: it starts in a fraction of the time. Killed with the test. */
export function startBuilt (t: Test, server: 'auth-service' | 'event-service' | 'gateway', env: Readonly<Record<string, string>>): Child {
  return watch(t, ...plainly(process.execPath, [fileURLToPath(new URL(`../../${server}/dist/server.js`, import.meta.url))]), env)
}

function watch (t: Test, command: string, args: readonly string[], env: Readonly<Record<string, string>>): Child {
  const child = spawn(command, args, {
    env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc']
  })
  let [out, err] = ['', '']
  child.stdout?.on('data', (chunk: Buffer) => { out += chunk.toString() })
  child.stderr?.on('data', (chunk: Buffer) => { err += chunk.toString() })
  // Node emits no 'close' for a child that was disconnected, so its parts are waited for.
  const written = [child.stdout, child.stderr].map(async stream => await new Promise(resolve => stream?.on('close', resolve)))
  const exited = new Promise<{ code: number | null, signal: string | null }>(resolve => {
    child.on('exit', (code, signal) => { void Promise.all(written).then(() => { resolve({ code, signal }) }) })
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return {
    process: child,
    stdout: () => out,
    stderr: () => err,
    log: () => out.split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as Record<string, unknown>),
    exited,
    async answers (url) {
      while (true) {
        if (child.exitCode !== null) throw new Error(`it exited with ${child.exitCode}: ${err}`)
        const answer = await fetch(url).catch(() => undefined)
        if (answer?.ok === true) return
        await sleep(50)
      }
    }
  }
}
