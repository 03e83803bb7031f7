import { Type, type Static } from 'typebox'
import { ResponseString, Strict } from './common.ts'

const JsonWebKey = Strict({
  kty: Type.Literal('RSA', { description: 'The key type.' }),
  kid: ResponseString('The key id. The header of a token names it.'),
  use: Type.Literal('sig', { description: 'The key verifies signatures.' }),
  alg: Type.Literal('RS256', { description: 'The signature algorithm.' }),
  n: ResponseString('The modulus of the RSA key.'),
  e: ResponseString('The exponent of the RSA key.')
}, { title: 'JsonWebKey', description: 'A public RSA key (RFC 7517).' })

/** A JSON Web Key Set (RFC 7517). */
export const JsonWebKeySet = Strict({
  keys: Type.Array(JsonWebKey, { description: 'The public keys that verify access tokens.' })
}, {
  title: 'JsonWebKeySet',
  description: 'The public keys that verify access tokens (RFC 7517).',
  examples: [{
    keys: [{
      kty: 'RSA',
      kid: '9QxebbLggBuzfouVCbiBq8pTNEMGBphWBUUqAqqQA68',
      use: 'sig',
      alg: 'RS256',
      n: 'j2lav91gM6m0NwK4kWfAKajb…',
      e: 'AQAB'
    }]
  }]
})
export type JsonWebKeySet = Static<typeof JsonWebKeySet>
