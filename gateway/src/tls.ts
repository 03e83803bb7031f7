import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { StartupError } from '@laurel/shared/errors'
import type { Config } from './config.ts'

/**
 * The certificate (with its chain) and the key that the gateway speaks TLS with; undefined for plain HTTP.
 * @throws {StartupError} where one of the two is missing, cannot be read or does not fit the other.
 */
export function readTls ({ TLS_CERT_FILE, TLS_KEY_FILE }: Pick<Config, 'TLS_CERT_FILE' | 'TLS_KEY_FILE'>): { cert: Buffer, key: Buffer } | undefined {
  if (TLS_CERT_FILE === undefined && TLS_KEY_FILE === undefined) return undefined
  const [cert, key] = [read('TLS_CERT_FILE', TLS_CERT_FILE), read('TLS_KEY_FILE', TLS_KEY_FILE)]
  try {
    createSecureContext({ cert, key })
  } catch {
    throw new StartupError('Configuration: TLS_CERT_FILE and TLS_KEY_FILE must be a certificate and its key, both PEM')
  }
  return { cert, key }
}

function read (name: string, file: string | undefined): Buffer {
  if (file === undefined) throw new StartupError(`Configuration: ${name} is missing: TLS needs a certificate and its key`)
  try {
    return readFileSync(file)
  } catch (error) {
    throw new StartupError(`Configuration: ${name} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
