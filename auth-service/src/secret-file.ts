import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartupError } from '@laurel/shared/errors'
import { makeDirectory } from '@laurel/shared/make-directory'

/**
 * Returns the content of a file in `dataDir` that only its owner can read. Creates the file if it does not exist. The
 * file is either complete or absent, even if two processes start at the same time or one of them is killed.
 * Throws `StartupError` if the directory is not writable or the file is not readable.
 */
export function readOrCreateSecretFile (dataDir: string, name: string, create: () => string): string {
  const file = join(dataDir, name)
  try {
    makeDirectory(dataDir)
    if (!existsSync(file)) writeOnce(file, create())
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new StartupError(`DATA_DIR: ${file} cannot be used (${reason})`)
  }
}

/** Deletes a file that `readOrCreateSecretFile` created. */
export function deleteSecretFile (dataDir: string, name: string): void {
  rmSync(join(dataDir, name), { force: true })
}

function writeOnce (file: string, content: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true })
  try {
    // Creating a link fails if the name exists, so the first of two writers wins.
    linkSync(draft, file)
  } catch (error) {
    if (!existsSync(file)) throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
