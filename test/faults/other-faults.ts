import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../dev/src/ports.ts'
import type { ServerName } from '../chaos/servers.ts'
import type { Fault } from './run-fault.ts'

const fakeTime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
const clockFile = (dir: string): string => join(dir, 'clock')

/** Sets the clock of a running server; its timers are not affected. libfaketime reads the file once per second. */
function wrongClock (server: ServerName, offset: string, what: string): Fault {
  return {
    name: `clock-${server}-${what}`,
    title: `The clock of ${server} is an hour ${what} for 8 s`,
    layout: {
      env: {
        [server]: (dir: string) => {
          writeFileSync(clockFile(dir), '+0\n')
          return {
            LD_PRELOAD: fakeTime,
            FAKETIME_TIMESTAMP_FILE: clockFile(dir),
            FAKETIME_CACHE_DURATION: '1',
            FAKETIME_DONT_FAKE_MONOTONIC: '1'
          }
        }
      }
    },
    missing: () => existsSync(fakeTime) ? undefined : 'needs libfaketime (Debian: faketime)',
    async inject ({ dir }, signal) {
      writeFileSync(clockFile(dir), `${offset}\n`)
      await sleep(8000, undefined, { signal })
      writeFileSync(clockFile(dir), '+0\n')
    }
  }
}

function redisFault (): Fault {
  let redis: ChildProcess | undefined
  let port = 0
  const start = (): void => {
    redis = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], { stdio: 'ignore' })
  }
  return {
    name: 'redis',
    title: 'Redis is killed, restarted after 3 s, and then frozen for 3 s',
    layout: {
      // The gateway is configured before this fault, so Redis is started here.
      async before (eventUrl) {
        port = await freePort()
        start()
        return eventUrl
      },
      env: { gateway: () => ({ REDIS_URL: `redis://127.0.0.1:${port}`, RATE_LIMIT_PER_MINUTE: '1000000' }) }
    },
    missing: () => spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'needs redis-server',
    cleanUp () { redis?.kill('SIGKILL') },
    async inject (_platform, signal) {
      redis?.kill('SIGKILL')
      await sleep(3000, undefined, { signal })
      start()
      await sleep(3000, undefined, { signal })
      redis?.kill('SIGSTOP')
      await sleep(3000, undefined, { signal })
      redis?.kill('SIGCONT')
    }
  }
}

function halfAnswers (): Fault {
  let isCutting = false
  const sockets = new Set<Socket>()
  return {
    name: 'half-answers',
    title: 'The connection to event-service breaks in the middle of every third response for 5 s',
    layout: {
      async before (eventUrl) {
        const { hostname, port } = new URL(eventUrl)
        let answers = 0
        const server = createServer(near => {
          const far = connect(Number(port), hostname)
          for (const [one, other] of [[near, far], [far, near]] as const) {
            sockets.add(one)
            one.on('error', () => undefined).on('close', () => { sockets.delete(one); other.destroy() })
          }
          near.pipe(far)
          far.on('data', (bytes: Buffer) => {
            if (!isCutting || answers++ % 3 !== 0) near.write(bytes)
            // Some responses break off in their headers, some in their body.
            else near.write(bytes.subarray(0, answers % 2 === 0 ? 9 : bytes.length - 1), () => { near.destroy() })
          })
        })
        const cutterPort = await freePort()
        await new Promise<void>(resolve => { server.listen(cutterPort, '127.0.0.1', resolve) })
        server.unref()
        return `http://127.0.0.1:${cutterPort}`
      }
    },
    cleanUp () { for (const socket of sockets) socket.destroy() },
    async inject (_platform, signal) {
      isCutting = true
      await sleep(5000, undefined, { signal })
      isCutting = false
    }
  }
}

export const otherFaults: readonly Fault[] = [
  redisFault(),
  halfAnswers(),
  wrongClock('gateway', '+3600', 'ahead'),
  wrongClock('auth-service', '+3600', 'ahead'),
  wrongClock('auth-service', '-3600', 'behind'),
  wrongClock('event-service', '+3600', 'ahead')
]
