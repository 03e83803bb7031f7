import type { FastifyRequest } from 'fastify'

/** Returns a hook that trims properties that people type, because phone keyboards add spaces. */
export function trimFields (...names: readonly string[]) {
  return async ({ body }: FastifyRequest): Promise<void> => {
    if (typeof body !== 'object' || body === null) return
    const fields = body as Record<string, unknown>
    for (const name of names) {
      const value = fields[name]
      if (typeof value === 'string') fields[name] = value.trim()
    }
  }
}
