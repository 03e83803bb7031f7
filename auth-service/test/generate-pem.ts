import { generateKeyPairSync } from 'node:crypto'

/** Returns a new RSA private key in PEM (PKCS #8). */
export function generatePem (modulusLength = 2048): string {
  return generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  }).privateKey
}
