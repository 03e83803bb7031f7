import { stdSerializers, type LoggerOptions } from 'pino'

const secretNames = [
  'authorization', 'password', 'newPassword', 'currentPassword', 'accessToken', 'refreshToken', 'clientSecret',
  'passwordHash', 'couponCode', 'codes'
]

/**
 * Returns the options of a logger that writes one JSON line per entry, with the name of the server.
 * Bodies, queries and headers are never logged. Redaction is a safety net for a line that someone adds later.
 */
export function loggerOptions (name: string, level: string): LoggerOptions {
  return {
    name,
    level,
    redact: { paths: secretNames.flatMap(name => [name, `*.${name}`, `*.*.${name}`]), censor: '[hidden]' },
    serializers: { err: serializeError }
  }
}

// Errors of the MongoDB driver contain the document that could not be written, which may include a password hash.
function serializeError (error: Error): object {
  const { type, message, stack } = stdSerializers.err(error)
  const { code, cause } = error as { code?: unknown, cause?: unknown }
  return { type, message, stack, code, ...(cause instanceof Error ? { cause: cause.message } : {}) }
}
