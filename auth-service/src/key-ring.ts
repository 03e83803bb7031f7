import { timingSafeEqual } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { StartupError } from '@laurel/shared/errors'
import type { PublicJwk } from '@laurel/shared/tokens'
import type { FastifyBaseLogger } from 'fastify'
import { loadSigningKey, type SigningKey } from './keys.ts'

/** Milliseconds. */
const lookInterval = 1000
/**
 * A key is published for so long before it signs: longer than a server waits between two fetches for an unknown key, so
 * that nobody meets a token whose key cannot be fetched yet.
 */
const publishedBefore = 3000

export interface KeyRing {
  /** The newest key that everybody can know by now. */
  readonly signing: () => SigningKey
  readonly published: () => PublicJwk[]
  /** Whether one of the keys made this MAC. */
  readonly isMac: (text: string, mac: string) => boolean
  /** Looks each second whether a directory has other keys; what cannot be used then is logged and changes nothing. */
  readonly follow: (onChange: () => void, log: FastifyBaseLogger) => void
  readonly close: () => void
}

/**
 * The keys of `JWT_PRIVATE_KEY_FILE`: one file, or all files of a directory but the hidden ones, newest first (by time, then by name).
 * @throws {StartupError} where there is none, or one of them is weak or cannot be read.
 */
export function openKeyRing (path: string | undefined, dataDir: string): KeyRing {
  const isDirectory = path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  let files = isDirectory ? filesIn(path) : []
  let keys = isDirectory ? loadAll(path, files) : [loadSigningKey(path, dataDir)]
  const startedAt = Date.now()
  // The oldest has been there before; of the others nobody knows whether the other instances have seen them.
  const knownSince = new Map(keys.map(({ jwk }, index) => [jwk.kid, index === keys.length - 1 ? 0 : startedAt]))
  let timer: NodeJS.Timeout | undefined
  let complaint: string | undefined

  function look (directory: string, onChange: () => void): void {
    const found = filesIn(directory)
    if (JSON.stringify(found) === JSON.stringify(files)) return
    keys = loadAll(directory, found)
    files = found
    const now = Date.now()
    for (const { jwk } of keys) knownSince.set(jwk.kid, knownSince.get(jwk.kid) ?? now)
    onChange()
  }

  return {
    signing () {
      const ripe = Date.now() - publishedBefore
      return keys.find(({ jwk }) => Number(knownSince.get(jwk.kid)) <= ripe) ?? keys[0] as SigningKey
    },
    published: () => keys.map(({ jwk }) => jwk),
    isMac: (text, mac) => keys.some(key => equal(key.macOf(text), mac)),
    follow (onChange, log) {
      if (!isDirectory) return
      timer = setInterval(() => {
        try {
          look(path, onChange)
          complaint = undefined
        } catch (error) {
          const { message } = error as Error
          if (message !== complaint) log.error({ err: error }, 'signing keys are left as they were')
          complaint = message
        }
      }, lookInterval).unref()
    },
    close: () => { clearInterval(timer) }
  }
}

interface KeyFile {
  readonly name: string
  readonly changedAt: number
  readonly size: number
}

function filesIn (directory: string): KeyFile[] {
  const files = readdirSync(directory)
    // Kubernetes keeps its own bookkeeping in hidden entries beside the files of a secret.
    .filter(name => !name.startsWith('.'))
    .map(name => ({ name, stats: statSync(join(directory, name)) }))
    .filter(({ stats }) => stats.isFile())
    .map(({ name, stats }) => ({ name, changedAt: stats.mtimeMs, size: stats.size }))
  return files.sort((a, b) => b.changedAt - a.changedAt || Number(a.name < b.name) - Number(a.name > b.name))
}

function loadAll (directory: string, files: readonly KeyFile[]): SigningKey[] {
  if (files.length === 0) throw new StartupError(`JWT_PRIVATE_KEY_FILE: there is no key in ${directory}`)
  return files.map(({ name }) => loadSigningKey(join(directory, name), directory))
}

function equal (one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
