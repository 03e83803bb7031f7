import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import jwt from 'jsonwebtoken'

// A KeyObject: with a string the key would be parsed at every request, and any comparison inflated.
const key = createPublicKey(readFileSync(process.env.PUBLIC_KEY_FILE))
const options = { algorithms: ['RS256'], issuer: 'laurel', audience: 'laurel-api' }

/** The claims of the token in `Authorization`. Throws where there is none that counts. */
export function readToken (request) {
  return jwt.verify(request.headers.authorization.slice('Bearer '.length), key, options)
}
