import type { Problem } from '@laurel/shared/contracts'
import type { LaurelError } from './types.ts'

class PlatformError extends Error {
  override readonly name = 'LaurelError'

  constructor (problem: Problem) {
    super(problem.detail)
    Object.assign(this, problem)
  }
}

/** Returns `true` if an error is an error response of the platform, and narrows its type. */
export function isLaurelError (error: unknown): error is LaurelError {
  return error instanceof PlatformError
}

/** Returns the content of a successful response: an object, the text of a file, or `undefined`. */
export async function readResponse (response: Response): Promise<unknown> {
  if (response.status === 204) return undefined
  return hasType(response, 'text/') ? await response.text() : await response.json()
}

/** Returns the error for an unsuccessful response. */
export async function readError (response: Response): Promise<Error> {
  if (hasType(response, 'application/problem+json')) return new PlatformError(await response.json() as Problem)
  await response.arrayBuffer()
  return new Error(`The server responded with ${response.status} without a problem document.`)
}

function hasType ({ headers }: Response, type: string): boolean {
  return headers.get('content-type')?.startsWith(type) === true
}
