import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { StartupError } from '@laurel/shared/errors'
import type { Config } from '../config.ts'

type TlsSettings = Pick<Config, 'TLS_CERT_FILE' | 'TLS_KEY_FILE'>

/**
 * Returns the certificate, with its chain, and the private key, or undefined if the gateway serves plain HTTP.
 * Throws a `StartupError` if one of the two files is missing or unreadable, or if they do not belong together.
 */
export function readTls ({ TLS_CERT_FILE, TLS_KEY_FILE }: TlsSettings): { cert: Buffer, key: Buffer } | undefined {
  if (TLS_CERT_FILE === undefined && TLS_KEY_FILE === undefined) return undefined
  const [cert, key] = [read('TLS_CERT_FILE', TLS_CERT_FILE), read('TLS_KEY_FILE', TLS_KEY_FILE)]
  try {
    createSecureContext({ cert, key })
  } catch {
    throw new StartupError('Configuration: TLS_CERT_FILE and TLS_KEY_FILE must be a PEM certificate and its PEM key')
  }
  return { cert, key }
}

function read (name: string, file: string | undefined): Buffer {
  if (file === undefined) {
    throw new StartupError(`Configuration: ${name} is missing; TLS needs both a certificate and its key`)
  }
  try {
    return readFileSync(file)
  } catch (error) {
    throw new StartupError(`Configuration: ${name} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
