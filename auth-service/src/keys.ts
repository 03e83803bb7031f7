import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartupError } from '@laurel/shared/errors'
import { toPublicJwk, type PublicJwk } from '@laurel/shared/tokens'
import { readOrMake } from './data-dir.ts'

const minimumBits = 2048
const ownFile = 'jwt-private-key.pem'

export interface SigningKey {
  /** PEM (PKCS #8), what the signer takes. */
  readonly privatePem: string
  readonly publicPem: string
  readonly jwk: PublicJwk
  /** The MAC of a refresh token, under a key that only this private key yields. */
  readonly macOf: (text: string) => string
}

/**
 * The key that signs tokens: from `file`, or made once in `dataDir`.
 * @throws {StartupError} where it cannot be read, is not RSA or is shorter than 2048 bits (RFC 7518, 3.3).
 */
export function loadSigningKey (file: string | undefined, dataDir: string): SigningKey {
  const name = file ?? join(dataDir, ownFile)
  const key = parseKey(name, file === undefined ? readOrMake(dataDir, ownFile, makeKey) : readKeyFile(file))
  const publicKey = createPublicKey(key)
  const macKey = Buffer.from(hkdfSync('sha256', key.export({ type: 'pkcs8', format: 'der' }), '', 'laurel refresh token', 32))
  return {
    privatePem: key.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    jwk: toPublicJwk(publicKey),
    macOf: text => createHmac('sha256', macKey).update(text).digest('base64url')
  }
}

function makeKey (): string {
  return generateKeyPairSync('rsa', { modulusLength: minimumBits }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

function readKeyFile (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new StartupError(`JWT_PRIVATE_KEY_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

function parseKey (name: string, pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw new StartupError(`JWT_PRIVATE_KEY_FILE: ${name} is not a private key in PEM`)
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < minimumBits) {
    throw new StartupError(`JWT_PRIVATE_KEY_FILE: ${name} must be an RSA key of at least ${minimumBits} bits`)
  }
  return key
}
