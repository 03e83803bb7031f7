import type { ErrorEntry } from './entry.ts'

/** Codes of busy and failing servers, which any operation can return. */
export const serverErrors = {
  RATE_LIMITED: {
    status: 429,
    title: 'Too many requests',
    meaning: 'The caller has sent more requests than the limit per minute allows.',
    action: 'Wait for the number of seconds in the `Retry-After` header and send the request again.'
  },
  INTERNAL_ERROR: {
    status: 500,
    title: 'Internal error',
    meaning: 'The server failed unexpectedly. The log contains the details under the `requestId`.',
    action: 'Report the `requestId` to the operators of the platform.'
  },
  UPSTREAM_UNAVAILABLE: {
    status: 502,
    title: 'Service unreachable',
    meaning: 'The gateway cannot reach the service that handles this operation, or the connection broke before the ' +
      'response. The service may have processed the request.',
    action: 'Send the request again later. Use an `Idempotency-Key` if the operation accepts one.'
  },
  SERVICE_UNAVAILABLE: {
    status: 503,
    title: 'Service unavailable',
    meaning: 'The database or another service is not responding, or a conflicting change is in progress. ' +
      'The request may have been processed.',
    action: 'Wait for the number of seconds in the `Retry-After` header and send the request again. ' +
      'Use an `Idempotency-Key` if the operation accepts one.'
  },
  NOT_READY: {
    status: 503,
    title: 'Not ready',
    meaning: 'The server cannot accept requests yet. `checks` names what is missing.',
    action: 'Send requests once `/health/ready` responds with 200.'
  },
  ENDING: {
    status: 503,
    title: 'Shutting down',
    meaning: 'The server is shutting down. It finishes the requests in progress and accepts no new ones.',
    action: 'Send requests to another instance, or wait until a new one is ready.'
  },
  TOO_BUSY: {
    status: 503,
    title: 'Too busy',
    meaning: 'The server is already processing the maximum number of requests of this kind.',
    action: 'Wait for the number of seconds in the `Retry-After` header and send the request again.'
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    title: 'Service timeout',
    meaning: 'The service that handles this operation did not respond in time. It may have processed the request.',
    action: 'Read the current state before you repeat a change. Use an `Idempotency-Key` if the operation accepts one.'
  }
} as const satisfies Readonly<Record<string, ErrorEntry>>
