import { setTimeout as sleep } from 'node:timers/promises'
import type { ChaosServer } from '../chaos/servers.ts'
import type { Platform } from './platform.ts'
import type { Fault } from './run-fault.ts'

type Choose = (platform: Platform) => ChaosServer

const three = { eventServices: 3 } as const
const targets: ReadonlyArray<readonly [name: string, choose: Choose, layout: Fault['layout']]> = [
  ['gateway', ({ gateway }) => gateway, {}],
  ['auth-service', ({ authService }) => authService, {}],
  ['event-service', ({ eventServices }) => eventServices[0], {}],
  ['one of three event-services', ({ eventServices }) => eventServices.at(-1) ?? eventServices[0], three]
]
const idOf = (name: string): string => name.replaceAll(' ', '-')

const kills: Fault[] = targets.map(([name, choose, layout = {}]) => ({
  name: `kill-${idOf(name)}`,
  title: `\`kill -9\` of ${name}, restarted after 1 s`,
  layout,
  async inject (platform, signal) {
    const server = choose(platform)
    await server.kill()
    await sleep(1000, undefined, { signal })
    await server.start()
  }
}))

const stops: Fault[] = targets.map(([name, choose, layout = {}]) => ({
  name: `freeze-${idOf(name)}`,
  title: `SIGSTOP of ${name} for 12 s`,
  layout,
  async inject (platform, signal) {
    const server = choose(platform)
    server.signal('SIGSTOP')
    await sleep(12_000, undefined, { signal })
    server.signal('SIGCONT')
  }
}))

/** Restarts each instance in turn, as in a rollout. */
const rolling: Fault = {
  name: 'rolling',
  title: 'Rolling restart (SIGTERM) of three event-services',
  layout: three,
  async inject ({ eventServices }) {
    for (const server of eventServices) {
      const reason = await server.terminate()
      if (reason !== 'exit code 0') throw new Error(`SIGTERM: ${reason}`)
      await server.start()
    }
  }
}

const orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1], [3, 1, 2, 0], [2, 1, 0, 3]] as const

/** Kills all processes with `kill -9`, then restarts them in a different order. */
const powerCuts: Fault = {
  name: 'order',
  title: '`kill -9` of all processes at once, restarted in varying order, 500 ms apart; six times',
  async inject ({ database, gateway, authService, eventServices }, signal) {
    const servers = [gateway, authService, eventServices[0]]
    const parts = [async () => { await database.members[0]?.start() }, ...servers.map(server => async () => {
      server.launch()
    })]
    for (const order of orders) {
      await Promise.all([...servers, ...database.members].map(async ({ kill }) => { await kill() }))
      const starting = order.map(async (part, place) => {
        await sleep(place * 500, undefined, { signal })
        await parts[part]?.()
      })
      await Promise.all(starting)
      await Promise.all(servers.map(async ({ waitUntilReady }) => { await waitUntilReady() }))
    }
  }
}

export const processFaults: readonly Fault[] = [...kills, ...stops, rolling, powerCuts]
