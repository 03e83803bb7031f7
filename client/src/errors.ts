import type { LaurelError } from './types.ts'

class PlatformError extends Error {
  override readonly name = 'LaurelError'

  constructor (problem: { readonly detail: string }) {
    super(problem.detail)
    Object.assign(this, problem)
  }
}

/** Returns whether the platform answered with this error, and narrows it to one. */
export function isLaurelError (error: unknown): error is LaurelError {
  return error instanceof PlatformError
}

/** Returns the error of a response that is no success. */
export async function readError (response: Response): Promise<Error> {
  const isProblem = /^application\/problem\+json/.test(String(response.headers.get('content-type')))
  if (isProblem) return new PlatformError(await response.json() as { detail: string })
  await response.arrayBuffer()
  return new Error(`The server answered ${response.status} without a problem document.`)
}
