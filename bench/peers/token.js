import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import jwt from 'jsonwebtoken'

// A KeyObject, because a string would be parsed for each request.
const key = createPublicKey(readFileSync(process.env.PUBLIC_KEY_FILE))
const options = { algorithms: ['RS256'], issuer: 'laurel', audience: 'laurel-api' }

/** Returns the claims of the token in `Authorization`. Throws if there is no valid token. */
export function readToken (request) {
  return jwt.verify(request.headers.authorization.slice('Bearer '.length), key, options)
}
