const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * Returns the 16 spellings of a token that decode to the same signature. A signature of 2048 bits takes 342 characters,
 * and a decoder ignores the last four bits of the last one.
 */
export function spellingsOf (token: string): string[] {
  const last = base64url.indexOf(token.at(-1) ?? '')
  return Array.from({ length: 16 }, (_, bits) => `${token.slice(0, -1)}${base64url[(last & ~15) | bits] ?? ''}`)
}
