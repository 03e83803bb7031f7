import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, type Document } from 'mongodb'
import { mongodParameters } from '../../dev/src/mongod-instance.ts'
import { freePort } from '../../dev/src/ports.ts'

export interface MemberOptions {
  /** The path of the program. */
  readonly binary: string
  readonly dbPath: string
  /** Its group id, which a firewall rule uses to match its packets. */
  readonly gid?: number
  readonly env?: NodeJS.ProcessEnv
  /** The size of a journal file. The default is 100 MB, allocated in advance. */
  readonly journal?: string
}

/** One mongod that can be killed and restarted on its data. */
export interface Member {
  readonly host: string
  readonly options: MemberOptions
  /** Resolves when it accepts connections. */
  readonly start: () => Promise<void>
  readonly kill: () => Promise<void>
  readonly signal: (name: 'SIGSTOP' | 'SIGCONT') => void
  /** Resolves when the last started process has exited. */
  readonly ended: () => Promise<void>
}

export async function createMember (options: MemberOptions): Promise<Member> {
  const { binary, dbPath, gid, env, journal = '8MB' } = options
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const args = [
    '--dbpath', dbPath, '--port', String(port), '--bind_ip', '127.0.0.1', '--replSet', 'laurel',
    ...mongodParameters({ cacheGB: 0.25, oplogMB: 64 }),
    '--wiredTigerEngineConfigString', `log=(file_max=${journal})`
  ]
  let child: ChildProcess | undefined
  let exited: Promise<unknown> = Promise.resolve()
  mkdirSync(dbPath, { recursive: true })
  chmodSync(dbPath, 0o777)

  return {
    host,
    options,
    async start () {
      const group = gid === undefined ? {} : { gid }
      child = spawn(binary, args, {
        env: { PATH: process.env['PATH'], ...env }, stdio: 'ignore', detached: true, ...group
      })
      exited = once(child, 'exit')
      await runOn(host, { ping: 1 })
    },
    async kill () {
      child?.kill('SIGCONT')
      child?.kill('SIGKILL')
      await exited
    },
    signal (name) { child?.kill(name) },
    ended: async () => { await exited }
  }
}

/** Runs an admin command on one member. */
export async function runOn (host: string, command: Document): Promise<Document> {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, { serverSelectionTimeoutMS: 20_000 })
  try {
    return await client.db('admin').command(command)
  } finally {
    await client.close()
  }
}

/** A replica set with the default timeouts of MongoDB: an election starts after ten seconds of silence. */
export interface ReplicaSet {
  readonly uri: string
  readonly members: readonly Member[]
  /** Waits for a primary and returns it. */
  readonly primary: (except?: Member) => Promise<Member>
  readonly stop: () => Promise<void>
}

/** Starts the members as a new replica set. */
export async function startReplicaSet (members: readonly Member[], signal: AbortSignal): Promise<ReplicaSet> {
  const stop = async (): Promise<void> => { await Promise.all(members.map(async ({ kill }) => { await kill() })) }

  async function primary (except?: Member): Promise<Member> {
    while (true) {
      signal.throwIfAborted()
      const states = await Promise.all(members.filter(member => member !== except).map(async member => {
        const state = await Promise.race([
          runOn(member.host, { hello: 1 }).catch(() => undefined), sleep(1000, undefined)
        ])
        return state?.['isWritablePrimary'] === true ? member : undefined
      }))
      const found = states.find(member => member !== undefined)
      if (found !== undefined) return found
      await sleep(50, undefined, { signal })
    }
  }

  try {
    await Promise.all(members.map(async ({ start }) => { await start() }))
    const config = { _id: 'laurel', members: members.map(({ host }, index) => ({ _id: index, host })) }
    const settings = { electionTimeoutMillis: 1000, heartbeatIntervalMillis: 200 }
    await runOn(members[0]?.host ?? '', { replSetInitiate: { ...config, settings } })
    // From here on, the timeouts are the defaults. With them, the first election would have taken ten seconds.
    const { host } = await primary()
    await runOn(host, { replSetReconfig: { ...config, version: 2 } })
  } catch (error) {
    await stop()
    throw error
  }
  const uri = `mongodb://${members.map(({ host }) => host).join()}/?replicaSet=laurel`
  return { uri, members, primary, stop }
}
