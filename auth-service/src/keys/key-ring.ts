import { timingSafeEqual } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { StartupError } from '@laurel/shared/errors'
import type { PublicJwk } from '@laurel/shared/tokens'
import type { FastifyBaseLogger } from 'fastify'
import { listKeyFiles, type KeyFile } from './key-files.ts'
import { loadSigningKey, type SigningKey } from './signing-key.ts'

/** All times are in milliseconds. */
export interface KeyRingTiming {
  /** How often a directory is read again. */
  readonly pollInterval?: number
  /**
   * How long a new key is published before it is used to sign. This is longer than the minimum interval between two
   * fetches for an unknown key, so a server that receives a token can always fetch its key.
   */
  readonly publishBeforeUse?: number
}

export interface KeyRing {
  /** Returns the newest key that all servers have had time to fetch. */
  readonly signingKey: () => SigningKey
  readonly publicKeys: () => PublicJwk[]
  /** Returns `true` if this MAC was created with one of the keys. */
  readonly verifyMac: (text: string, mac: string) => boolean
  /** Watches a directory for changed keys. Keys that cannot be used are logged and change nothing. */
  readonly watch: (onChange: () => void, log: FastifyBaseLogger) => void
  readonly close: () => void
}

/**
 * Opens the keys of `JWT_PRIVATE_KEY_FILE`, which is one file or a directory of files.
 * Throws `StartupError` if there is no key, or if one of the keys is weak or not readable.
 */
export function openKeyRing (
  path: string | undefined, dataDir: string, { pollInterval = 1000, publishBeforeUse = 3000 }: KeyRingTiming = {}
): KeyRing {
  const isDirectory = path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  let files = isDirectory ? listKeyFiles(path) : []
  let keys = isDirectory ? loadAll(path, files) : [loadSigningKey(path, dataDir)]
  const openedAt = Date.now()
  // The oldest key existed before this start. Other instances may not have read the newer keys yet.
  const knownSince = new Map(keys.map(({ jwk }, index) => [jwk.kid, index === keys.length - 1 ? 0 : openedAt]))
  let timer: NodeJS.Timeout | undefined
  let lastError: string | undefined

  function reload (directory: string, onChange: () => void): void {
    const found = listKeyFiles(directory)
    if (JSON.stringify(found) === JSON.stringify(files)) return
    keys = loadAll(directory, found)
    files = found
    const now = Date.now()
    for (const { jwk } of keys) knownSince.set(jwk.kid, knownSince.get(jwk.kid) ?? now)
    onChange()
  }

  return {
    signingKey () {
      const latest = Date.now() - publishBeforeUse
      return keys.find(({ jwk }) => Number(knownSince.get(jwk.kid)) <= latest) ?? keys[0] as SigningKey
    },
    publicKeys: () => keys.map(({ jwk }) => jwk),
    verifyMac: (text, mac) => keys.some(key => isEqual(key.macOf(text), mac)),
    watch (onChange, log) {
      if (!isDirectory) return
      timer = setInterval(() => {
        try {
          reload(path, onChange)
          lastError = undefined
        } catch (error) {
          const { message } = error as Error
          if (message !== lastError) log.error({ err: error }, 'the signing keys were not reloaded')
          lastError = message
        }
      }, pollInterval).unref()
    },
    close: () => { clearInterval(timer) }
  }
}

function loadAll (directory: string, files: readonly KeyFile[]): SigningKey[] {
  if (files.length === 0) throw new StartupError(`JWT_PRIVATE_KEY_FILE: ${directory} contains no key`)
  return files.map(({ name }) => loadSigningKey(join(directory, name), directory))
}

function isEqual (one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
