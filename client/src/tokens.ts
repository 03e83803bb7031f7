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
  initial: Partial<ClientTokens>,
  fetchTokens: () => Promise<ClientTokens | undefined>,
  onTokens?: (tokens: ClientTokens | undefined) => void
) {
  let current = initial
  let renewal: Promise<boolean> | undefined

  function set (tokens: ClientTokens | undefined): void {
    current = tokens ?? {}
    onTokens?.(tokens)
  }

  async function fetchAndSet (): Promise<boolean> {
    const tokens = await fetchTokens()
    if (tokens !== undefined) set(tokens)
    return tokens !== undefined
  }

  return {
    get: () => current,
    set,
    /** Replaces an access token that the platform rejected. Returns whether there is a new one. */
    async renew (rejected: string | undefined): Promise<boolean> {
      if (current.accessToken !== rejected) return current.accessToken !== undefined
      renewal ??= fetchAndSet().finally(() => { renewal = undefined })
      return await renewal
    }
  }
}
