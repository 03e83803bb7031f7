import { stdSerializers, type LoggerOptions } from 'pino'

/**
 * One JSON line an event, each with the server's name. Secrets never get here by design: bodies, queries and
 * headers are not logged at all; the redaction is the net below, for a line that someone adds later.
 */
export function loggerOptions (name: string, level: string): LoggerOptions {
  const secrets = ['authorization', 'password', 'newPassword', 'currentPassword', 'accessToken', 'refreshToken', 'clientSecret', 'passwordHash', 'couponCode', 'codes']
  return {
    name,
    level,
    redact: { paths: secrets.flatMap(secret => [secret, `*.${secret}`, `*.*.${secret}`]), censor: '[hidden]' },
    serializers: { err: serializeError }
  }
}

// A driver's error carries the document that it failed to write, which may hold a password's hash.
function serializeError (error: Error): object {
  const { type, message, stack } = stdSerializers.err(error)
  const { code, cause } = error as { code?: unknown, cause?: unknown }
  return { type, message, stack, code, ...(cause instanceof Error ? { cause: cause.message } : {}) }
}
