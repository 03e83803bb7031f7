import { findMongod } from './mongod-binary.ts'
import { startMongod, type Mongod } from './mongod.ts'
import { makeThrowAwayDir } from './throw-away-dir.ts'

/**
 * Starts a MongoDB on a new folder among the temporary ones. Its `stop` removes the folder too; what a run that was
 * killed has left, process and folder, the next one removes.
 */
export async function startThrowAwayMongod (signal: AbortSignal, say: (line: string) => void): Promise<Mongod> {
  const { dir, lock, remove } = await makeThrowAwayDir()
  try {
    const { path } = await findMongod({ env: process.env, signal, say })
    const mongod = await startMongod({ binary: path, dir, signal, throwAway: true, onSpawn: pid => { lock.note(pid) } })
    return {
      ...mongod,
      async stop () {
        await mongod.stop()
        remove()
      }
    }
  } catch (error) {
    remove()
    throw error
  }
}
