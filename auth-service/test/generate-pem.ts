import { generateKeyPairSync } from 'node:crypto'

/** Returns a new RSA private key in PEM (PKCS #8). */
export function generatePem (modulusLength = 2048): string {
  return String(generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ type: 'pkcs8', format: 'pem' }))
}
