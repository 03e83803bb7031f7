/**
 * Returns the headers that tell a browser how to treat every response. Over TLS they also forbid plain HTTP from then
 * on (RFC 6797).
 */
export function safetyHeaders (isTls: boolean): Readonly<Record<string, string>> {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...(isTls ? { 'strict-transport-security': 'max-age=31536000' } : {})
  }
}
