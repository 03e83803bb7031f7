import t from 'tap'
import { createIssuer } from '../../../test/kit/tokens/issuer.ts'
import { createTokenVerifier } from '../../src/tokens/index.ts'

const issuer = createIssuer()

/** Returns a verifier and a function that makes a token which expired some seconds ago. */
function createVerifier (clockTolerance?: number) {
  const verifier = createTokenVerifier({
    typ: 'at+jwt',
    issuer: 'laurel',
    audience: 'laurel-api',
    requiredClaims: ['exp'],
    ...(clockTolerance === undefined ? {} : { clockTolerance })
  })
  verifier.setKeys([issuer.jwk])
  return verifier
}

function expired (seconds: number): string {
  return issuer.token({ exp: Math.floor(Date.now() / 1000) - seconds })
}

t.test('a token is valid for the clock tolerance after it has expired, every time it is verified', async t => {
  const verifier = createVerifier(60)
  const token = expired(30)
  for (const time of ['first', 'second']) t.equal(verifier.verify(token)['sub'], 'someone', time)
  t.throws(() => verifier.verify(expired(61)))
})

t.test('without a tolerance a token is not valid after it has expired', async t => {
  t.throws(() => createVerifier().verify(expired(1)))
})
