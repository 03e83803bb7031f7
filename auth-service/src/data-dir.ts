import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartupError } from '@laurel/shared/errors'

/**
 * The content of a file that only the owner may read; made where it is missing, whole or not at all,
 * also when two processes start at once or one is killed in the middle.
 * @throws {StartupError} where the directory cannot be written or the file cannot be read.
 */
export function readOrMake (dataDir: string, name: string, make: () => string): string {
  const file = join(dataDir, name)
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    if (!existsSync(file)) {
      const draft = `${file}.${randomBytes(6).toString('hex')}`
      writeFileSync(draft, make(), { mode: 0o600, flag: 'wx', flush: true })
      try {
        // A link fails where the name is taken, so the first of two writers wins for both.
        linkSync(draft, file)
      } catch (error) {
        if (!existsSync(file)) throw error
      } finally {
        rmSync(draft, { force: true })
      }
    }
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new StartupError(`DATA_DIR: ${file} cannot be used (${(error as NodeJS.ErrnoException).code ?? String(error)})`)
  }
}
