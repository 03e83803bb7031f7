import { generateKeyPairSync } from 'node:crypto'

/** Returns a new RSA private key in PEM. For one of 2048 bits, `testKey` is faster. */
export function generatePem (modulusLength: number, type: 'pkcs1' | 'pkcs8' = 'pkcs8'): string {
  return generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type, format: 'pem' }
  }).privateKey
}
