import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('../../../node_modules/.cache/laurel/test-keys.json', import.meta.url))
const count = 4
let pems: readonly string[] | undefined

/**
 * Returns an RSA key of 2048 bits for tests, in PEM (PKCS #8). Key 0 is the key of the platform; the others are
 * foreign. Generating a key takes up to a second, so keys are cached next to the installed packages.
 */
export function testKey (index = 0): string {
  pems ??= readKeys() ?? makeKeys()
  const pem = pems[index]
  if (pem === undefined) throw new Error(`There are ${count} test keys, and no key ${index}.`)
  return pem
}

export function readTestKey (index = 0): KeyObject {
  return createPrivateKey(testKey(index))
}

function readKeys (): string[] | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function makeKeys (): string[] {
  // Generates PEM directly, because exporting a new KeyObject sometimes hung during garbage collection.
  const made = Array.from({ length: count }, () => generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  }).privateKey)
  mkdirSync(dirname(file), { recursive: true })
  // Several processes may do this concurrently; each file is complete.
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(made), { mode: 0o600 })
  renameSync(`${file}.${process.pid}`, file)
  return made
}
