import {
  createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, type KeyObject
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartupError } from '@laurel/shared/errors'
import { toPublicJwk, type PublicJwk } from '@laurel/shared/tokens'
import { readOrCreateSecretFile } from '../secret-file.ts'

const minModulusLength = 2048
const generatedKeyFile = 'jwt-private-key.pem'

export interface SigningKey {
  /** PEM (PKCS #8). */
  readonly privatePem: string
  /** PEM (SubjectPublicKeyInfo). */
  readonly publicPem: string
  readonly jwk: PublicJwk
  /** Returns the MAC of a refresh token. The MAC key is derived from the private key. */
  readonly macOf: (text: string) => string
}

/**
 * Loads the key that signs tokens from `file`. Without a file, the key is generated once in `dataDir`.
 * Throws `StartupError` if the key is not readable, is not RSA, or has fewer than 2048 bits (RFC 7518, 3.3).
 */
export function loadSigningKey (file: string | undefined, dataDir: string): SigningKey {
  const name = file ?? join(dataDir, generatedKeyFile)
  const pem = file === undefined ? readOrCreateSecretFile(dataDir, generatedKeyFile, generateKey) : readKeyFile(file)
  const key = parseKey(name, pem)
  const publicKey = createPublicKey(key)
  const keyMaterial = key.export({ type: 'pkcs8', format: 'der' })
  const macKey = Buffer.from(hkdfSync('sha256', keyMaterial, '', 'laurel refresh token', 32))
  return {
    privatePem: key.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    jwk: toPublicJwk(publicKey),
    macOf: text => createHmac('sha256', macKey).update(text).digest('base64url')
  }
}

function generateKey (): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: minModulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  })
  return privateKey
}

function readKeyFile (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StartupError(`JWT_PRIVATE_KEY_FILE: ${file} cannot be read (${code})`)
  }
}

function parseKey (name: string, pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw new StartupError(`JWT_PRIVATE_KEY_FILE: ${name} is not a private key in PEM format`)
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < minModulusLength) {
    throw new StartupError(`JWT_PRIVATE_KEY_FILE: ${name} must be an RSA key of at least ${minModulusLength} bits`)
  }
  return key
}
