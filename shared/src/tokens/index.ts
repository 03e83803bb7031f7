export { unauthenticated } from './bearer.ts'
export { actorOf, callerOf, readOptionalToken, type Caller } from './caller.ts'
export {
  accessClaims, internalAudience, internalClaims, internalClockTolerance, internalTokenType
} from './claims.ts'
export { guard } from './guard.ts'
export { toPublicJwk, type PublicJwk } from './keys.ts'
export { followRemoteKeys, type RemoteKeysTiming } from './remote-keys.ts'
export { createTokenVerifier, type TokenVerifier } from './verifier.ts'
