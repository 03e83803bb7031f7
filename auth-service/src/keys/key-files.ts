import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface KeyFile {
  readonly name: string
  readonly changedAt: number
  readonly size: number
}

/** Lists the key files of a directory, newest first (by time, then by name). Hidden files are ignored. */
export function listKeyFiles (directory: string): KeyFile[] {
  const files = readdirSync(directory)
    // Kubernetes stores metadata in hidden entries next to the files of a secret.
    .filter(name => !name.startsWith('.'))
    .map(name => ({ name, stats: statSync(join(directory, name)) }))
    .filter(({ stats }) => stats.isFile())
    .map(({ name, stats }) => ({ name, changedAt: stats.mtimeMs, size: stats.size }))
  return files.sort((a, b) => b.changedAt - a.changedAt || Number(a.name < b.name) - Number(a.name > b.name))
}
