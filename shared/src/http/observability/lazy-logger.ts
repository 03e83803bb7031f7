import type { FastifyBaseLogger } from 'fastify'

/**
 * Returns a logger that calls `create` on its first use. Most requests never use their own logger, and with redaction,
 * creating a child logger costs more than writing a log line.
 */
export function lazily (create: () => FastifyBaseLogger): FastifyBaseLogger {
  return new LazyLogger(create) as unknown as FastifyBaseLogger
}

class LazyLogger {
  #create: () => FastifyBaseLogger
  constructor (create: () => FastifyBaseLogger) { this.#create = create }

  get target (): FastifyBaseLogger {
    const logger = this.#create()
    this.#create = () => logger
    return logger
  }

  get level (): string { return this.target.level }
}

for (const name of ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent', 'child'] as const) {
  Object.defineProperty(LazyLogger.prototype, name, {
    value (this: LazyLogger, ...args: [object]) { return this.target[name](...args) }
  })
}
