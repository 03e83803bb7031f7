import type { FastifyBaseLogger } from 'fastify'

type Make = () => FastifyBaseLogger

/**
 * A request's own logger, made when the request has something to say, which most never have: the net for secrets makes a
 * child logger dearer than the line that every request writes.
 */
export function lazily (make: Make): FastifyBaseLogger {
  return new LazyLogger(make) as unknown as FastifyBaseLogger
}

class LazyLogger {
  #make: Make
  constructor (make: Make) { this.#make = make }

  get made (): FastifyBaseLogger {
    const logger = this.#make()
    this.#make = () => logger
    return logger
  }

  get level (): string { return this.made.level }
}

for (const name of ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent', 'child'] as const) {
  Object.defineProperty(LazyLogger.prototype, name, {
    value (this: LazyLogger, ...given: [object]) { return this.made[name](...given) }
  })
}
