import { accessSync, constants, readdirSync } from 'node:fs'
import { StartupError } from '@laurel/shared/errors'
import { makeDirectory } from '@laurel/shared/make-directory'

const reasons: Readonly<Record<string, string>> = {
  EEXIST: 'a file exists at this path',
  ENOTDIR: 'a file exists at this path',
  EACCES: 'you do not have permission to read and write there',
  EPERM: 'you do not have permission to read and write there',
  ENOENT: 'a folder cannot be created',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full'
}

/** Creates the folder if it is missing. Throws a `StartupError` if it cannot be read and written. */
export function prepareDataDir (dir: string): void {
  try {
    makeDirectory(dir)
    readdirSync(dir)
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new StartupError(`DATA_DIR ${dir} cannot be used: ${reasons[code] ?? message}`)
  }
}
