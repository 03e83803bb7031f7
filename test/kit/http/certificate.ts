import { createPublicKey, createSign } from 'node:crypto'
import { readTestKey } from '../tokens/keys.ts'

// X.509 (RFC 5280) in DER: only the parts that a TLS client needs.
function der (tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const size = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const rsaWithSha256 = sequence(oid('2a864886f70d01010b'), der(0x05))
const name = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from('laurel test')))))
const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('490101000000Z')))
const loopback = der(0x04, sequence(der(0x87, Buffer.from([127, 0, 0, 1]))))
const forLoopback = der(0xa3, sequence(sequence(oid('551d11'), loopback)))

/** Returns a self-signed certificate for 127.0.0.1 with its key, both in PEM. */
export function selfSigned (keyIndex = 0): { readonly cert: string, readonly key: string } {
  const privateKey = readTestKey(keyIndex)
  const publicKey = createPublicKey(privateKey)
  const version = der(0xa0, der(0x02, Buffer.from([2])))
  const serial = der(0x02, Buffer.from([1]))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(version, serial, rsaWithSha256, name, validity, name, spki, forLoopback)
  const signature = createSign('sha256').update(body).sign(privateKey)
  const certificate = sequence(body, rsaWithSha256, der(0x03, Buffer.from([0]), signature))
  const lines = certificate.toString('base64').replace(/.{64}/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  }
}
