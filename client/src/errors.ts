import type { LaurelError } from './types.ts'

class PlatformError extends Error {
  override readonly name = 'LaurelError'

  constructor (problem: { readonly detail: string }) {
    super(problem.detail)
    Object.assign(this, problem)
  }
}

/** Returns `true` if an error is an error response of the platform, and narrows its type. */
export function isLaurelError (error: unknown): error is LaurelError {
  return error instanceof PlatformError
}

/** Returns the error for an unsuccessful response. */
export async function readError (response: Response): Promise<Error> {
  const isProblem = /^application\/problem\+json/.test(String(response.headers.get('content-type')))
  if (isProblem) return new PlatformError(await response.json() as { detail: string })
  await response.arrayBuffer()
  return new Error(`The server answered ${response.status} without a problem document.`)
}
