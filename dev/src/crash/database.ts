import { join } from 'node:path'
import { startMongod } from '../mongod.ts'

/** The MongoDB that a part works on. */
export interface Database {
  readonly uri: string
  /** Resolves when it works again. */
  readonly disturb: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface DatabasePlace {
  readonly binary: string
  readonly dir: string
  readonly signal: AbortSignal
  readonly noteChild: (pid: number) => void
}

/** One mongod, which is killed with kill -9 where it is disturbed and started again on what it has written. */
export async function startOne ({ binary, dir, signal, noteChild }: DatabasePlace, throwAway: boolean): Promise<Database> {
  let pid = 0
  const start = async () => await startMongod({ binary, dir: join(dir, 'mongod'), signal, throwAway, onSpawn: spawned => { noteChild(pid = spawned) } })
  let mongod = await start()
  const { uri } = mongod
  return {
    uri,
    async disturb () {
      process.kill(pid, 'SIGKILL')
      await mongod.exited
      mongod = await start()
      if (mongod.uri !== uri) throw new Error('mongod did not get its port again')
    },
    stop: async () => {
      process.kill(pid, 'SIGKILL')
      await mongod.exited
    }
  }
}
