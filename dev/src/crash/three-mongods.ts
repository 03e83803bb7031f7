import { MongoClient } from 'mongodb'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endOf, stopChild } from '../child.ts'
import { mongodParameters } from '../mongod.ts'
import { findFreePort } from '../ports.ts'
import type { Database, DatabasePlace } from './database.ts'

const set = 'crash'

interface Member {
  readonly host: string
  readonly start: () => void
  readonly stop: () => Promise<void>
}

async function createMember (index: number, { binary, dir, noteChild }: DatabasePlace): Promise<Member> {
  const data = join(dir, `member-${index}`)
  mkdirSync(data, { recursive: true })
  const port = await findFreePort()
  let child: ChildProcess | undefined
  return {
    host: `127.0.0.1:${port}`,
    start () {
      child = spawn(binary, mongodParameters({ data, log: join(dir, `member-${index}.log`), port, throwAway: true, set }), { detached: true, stdio: 'ignore' })
      child.on('error', () => {})
      if (child.pid !== undefined) noteChild(child.pid)
    },
    async stop () {
      if (child !== undefined && child.exitCode === null && child.signalCode === null) await stopChild(child, endOf(child), 0)
    }
  }
}

/** A replica set of three. Its primary is made to step down by turns, or killed and started again. */
export async function startThree (place: DatabasePlace): Promise<Database> {
  const { signal } = place
  const members = [await createMember(0, place), await createMember(1, place), await createMember(2, place)]
  const stop = async (): Promise<void> => { await Promise.all(members.map(async member => { await member.stop() })) }
  const uri = `mongodb://${members.map(({ host }) => host).join()}/?replicaSet=${set}`
  let turn = 0

  async function primary (): Promise<string> {
    while (true) {
      signal.throwIfAborted()
      const host = await hostOfPrimary(uri)
      if (host !== undefined) return host
      await sleep(100, undefined, { signal })
    }
  }

  try {
    for (const { start } of members) start()
    await initiate(members.map(({ host }) => host))
    await primary()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    uri,
    stop,
    async disturb () {
      const before = await primary()
      const member = members.find(({ host }) => host === before) as Member
      if (turn++ % 2 === 0) {
        await run(`mongodb://${before}/?directConnection=true`, { replSetStepDown: 10, secondaryCatchUpPeriodSecs: 8 })
      } else {
        await member.stop()
        await sleep(1000, undefined, { signal })
        member.start()
      }
      while (await primary() === before) await sleep(100, undefined, { signal })
    }
  }
}

async function initiate (hosts: readonly string[]): Promise<void> {
  const members = hosts.map((host, _id) => ({ _id, host }))
  // An election after ten seconds of silence, as is usual, would be most of the run.
  const settings = { electionTimeoutMillis: 2000, heartbeatIntervalMillis: 500 }
  await run(`mongodb://${hosts[0]}/?directConnection=true`, { replSetInitiate: { _id: set, members, settings } })
}

async function hostOfPrimary (uri: string): Promise<string | undefined> {
  const { me, isWritablePrimary } = await run(uri, { hello: 1 }).catch(() => ({ me: undefined, isWritablePrimary: false }))
  return isWritablePrimary === true ? me as string : undefined
}

async function run (uri: string, command: object): Promise<Record<string, unknown>> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 20_000 })
  try {
    return await client.db('admin').command({ ...command })
  } finally {
    await client.close()
  }
}
