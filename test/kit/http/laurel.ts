import { createClient, isLaurelError, type Client, type LaurelError } from '@laurel/client'

/** Returns a client that sends each request once: a test sees every refusal. */
export function createLaurel (baseUrl: string, token?: string): Client {
  return createClient({ baseUrl, token, retries: 0 })
}

/** Returns the error that the platform responds with. Throws if it responds with a success. */
export async function refusalOf (answer: Promise<unknown>): Promise<LaurelError> {
  const error: unknown = await answer.then(() => undefined, reason => reason)
  if (!isLaurelError(error)) throw new Error('The platform did not refuse.', { cause: error })
  return error
}
