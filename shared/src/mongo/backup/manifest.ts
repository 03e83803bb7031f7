import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartupError } from '../../errors.ts'

/** The default names of the two databases of the platform. A URI can contain another name. */
export type DatabaseName = 'laurel_auth' | 'laurel_event'

/** One file of a backup: the documents of a collection as concatenated BSON, compressed with gzip. */
export interface CollectionFile {
  readonly collection: string
  /** Relative to the folder of the backup. */
  readonly file: string
  readonly documents: number
  /** The size of the file, and its SHA-256 in hexadecimal. */
  readonly bytes: number
  readonly sha256: string
}

export interface DatabaseBackup {
  readonly name: DatabaseName
  /** The MongoDB timestamp of the backup: seconds since 1970, and a counter within the second. */
  readonly clusterTime: { readonly seconds: number, readonly counter: number }
  readonly collections: readonly CollectionFile[]
}

/** The list of all files. It is written last, so a folder without a manifest is not a complete backup. */
export interface Manifest {
  readonly format: 1
  /** The version of Laurel that made the backup. */
  readonly laurel: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly databases: readonly DatabaseBackup[]
}

const fileName = 'manifest.json'

export async function writeManifest (dir: string, manifest: Manifest): Promise<void> {
  const unfinished = join(dir, `${fileName}.new`)
  await writeFile(unfinished, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true })
  await rename(unfinished, join(dir, fileName))
}

/** Throws `StartupError` if the folder does not contain a complete backup, or if its format is newer. */
export async function readManifest (dir: string): Promise<Manifest> {
  const text = await readFile(join(dir, fileName), 'utf8').catch(() => {
    throw new StartupError(`${dir} does not contain a complete backup: ${fileName} is missing.`)
  })
  const manifest: Manifest = JSON.parse(text)
  if (manifest.format === 1) return manifest
  throw new StartupError(`${dir} has format ${String(manifest.format)}; this version can read only format 1.`)
}
