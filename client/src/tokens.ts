/** The tokens of a session or of a machine client. */
export interface ClientTokens {
  readonly accessToken: string
  /** Absent for a machine client. */
  readonly refreshToken?: string
}

/**
 * Stores the tokens of a client. Callers whose token is rejected at the same time share one renewal.
 * `fetchTokens` returns new tokens, or `undefined` if there is nothing to renew them with.
 */
export function createTokenKeeper (
  initial: ClientTokens | undefined,
  fetchTokens: () => Promise<ClientTokens | undefined>,
  onTokens: (tokens: ClientTokens | undefined) => void
) {
  let current = initial
  let renewal: Promise<ClientTokens | undefined> | undefined

  function set (tokens: ClientTokens | undefined): void {
    current = tokens
    onTokens(tokens)
  }

  return {
    get: () => current,
    set,
    /** Replaces an access token that the platform rejected. Returns whether there is a new one. */
    async renew (rejected: string | undefined): Promise<boolean> {
      if (current?.accessToken !== rejected) return current !== undefined
      renewal ??= fetchTokens().finally(() => { renewal = undefined })
      const tokens = await renewal
      if (tokens !== undefined && tokens !== current) set(tokens)
      return tokens !== undefined
    }
  }
}
