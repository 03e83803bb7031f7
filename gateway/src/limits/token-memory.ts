import { FifoMap } from 'toad-cache'

/** The maximum number of tokens in memory. The oldest is forgotten first. */
const maxTokens = 10_000

/** How long a valid token is remembered, in milliseconds: the default lifetime of an access token. */
const validTtl = 900_000
/** How long an invalid token is remembered, in milliseconds. */
const invalidTtl = 60_000

/** How many unknown tokens are verified per second in total for all addresses over their limit. */
const verificationsPerSecond = 50

/** Remembers `Authorization` headers to distinguish users from a flood that shares their address. */
interface TokenMemory {
  readonly rememberValid: (authorization: string) => void
  readonly rememberInvalid: (authorization: string) => void
  /**
   * Returns whether the token of a request from an address over its limit is verified: always if it has been valid,
   * never if it has been invalid, and otherwise as often as `verificationsPerSecond` allows. A new user behind the
   * address of a flood can therefore send requests, and a flood of forged tokens costs a bounded amount of CPU time.
   */
  readonly mayVerify: (authorization: string | undefined) => boolean
}

/** @param now the current time in milliseconds. */
export function createTokenMemory (now = () => performance.now()): TokenMemory {
  // Two maps, so that invalid tokens do not evict valid ones.
  const valid = new FifoMap<true>(maxTokens, validTtl)
  const invalid = new FifoMap<true>(maxTokens, invalidTtl)
  let budget = verificationsPerSecond
  let refilledAt = now()

  function consumeBudget (): boolean {
    const elapsed = now() - refilledAt
    refilledAt += elapsed
    budget = Math.min(verificationsPerSecond, budget + elapsed * verificationsPerSecond / 1000)
    if (budget < 1) return false
    budget -= 1
    return true
  }

  return {
    rememberValid: authorization => { valid.set(authorization, true) },
    rememberInvalid (authorization) {
      valid.delete(authorization)
      invalid.set(authorization, true)
    },
    mayVerify (authorization) {
      if (authorization === undefined) return false
      if (valid.get(authorization) === true) return true
      return invalid.get(authorization) !== true && consumeBudget()
    }
  }
}
