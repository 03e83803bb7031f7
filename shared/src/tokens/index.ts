export { accessClaims, actorOf, callerOf, guard, internalAudience, internalClaims, internalTokenType, readOptionalToken, unauthenticated, type Caller } from './guard.ts'
export { toPublicJwk, type PublicJwk } from './keys.ts'
export { followRemoteKeys, type RemoteKeys } from './remote-keys.ts'
export { createTokenVerifier, type TokenVerifier } from './verifier.ts'
