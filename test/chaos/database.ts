import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { findMongod } from '../../dev/src/mongod-binary.ts'
import { startMongod } from '../../dev/src/mongod.ts'
import { killMember, startThrowAwayMongod } from '../kit/mongo/throw-away.ts'

/** The MongoDB of a scenario. */
export interface Database {
  readonly uri: string
  /** Kills it or makes it step down. Resolves when it is available again. */
  readonly injectFault: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface DatabaseOptions {
  /** For data. */
  readonly dir: string
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

/** A MongoDB that is not disturbed. */
export async function startQuietDatabase ({ signal, print }: DatabaseOptions): Promise<Database> {
  const { uri, stop } = await startThrowAwayMongod(signal, print)
  return { uri, stop, injectFault: async () => undefined }
}

/** One mongod that is killed and restarted on its data. */
export async function startKilledDatabase ({ dir, signal, print }: DatabaseOptions): Promise<Database> {
  const binary = await findMongod({ env: process.env, signal, print })
  const start = async () => await startMongod({ binary, dir: join(dir, 'mongod'), signal, print })
  let mongod = await start()
  const { uri } = mongod
  const kill = async (): Promise<void> => {
    if (mongod.pid !== undefined) process.kill(mongod.pid, 'SIGKILL')
    await mongod.ended
  }
  return {
    uri,
    stop: kill,
    async injectFault () {
      await kill()
      mongod = await start()
      if (mongod.uri !== uri) throw new Error('mongod did not get its port again')
    }
  }
}

/** A three-member replica set. Its primary alternately steps down, or is killed and restarted. */
export async function startReplicaSet ({ signal, print }: DatabaseOptions): Promise<Database> {
  // With the default, an election after ten seconds of silence, the run would consist mostly of waiting.
  const settings = { electionTimeoutMillis: 2000, heartbeatIntervalMillis: 500 }
  const { uri, replicaSet, stop } = await startThrowAwayMongod(signal, print, 3, settings)
  let turn = 0

  async function findPrimary (): Promise<string> {
    while (true) {
      signal.throwIfAborted()
      const { me, isWritablePrimary } = await runCommand(uri, { hello: 1 })
        .catch((): Record<string, unknown> => ({ isWritablePrimary: false }))
      if (isWritablePrimary === true) return String(me)
      await sleep(100, undefined, { signal })
    }
  }

  return {
    uri,
    stop,
    async injectFault () {
      const before = await findPrimary()
      const member = replicaSet.servers.find(({ instanceInfo }) => before.endsWith(`:${instanceInfo?.port}`))
      if (member === undefined) throw new Error(`${before} is not a member`)
      if (turn++ % 2 === 0) {
        const command = { replSetStepDown: 10, secondaryCatchUpPeriodSecs: 8 }
        await runCommand(`mongodb://${before}/?directConnection=true`, command)
      } else {
        await killMember(member)
        await sleep(1000, undefined, { signal })
        await member.stop({ doCleanup: false })
        await member.start(true)
      }
      while (await findPrimary() === before) await sleep(100, undefined, { signal })
    }
  }
}

async function runCommand (uri: string, command: object): Promise<Record<string, unknown>> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 20_000 })
  try {
    return await client.db('admin').command({ ...command })
  } finally {
    await client.close()
  }
}
