import type { ErrorEntry } from './entry.ts'

/** Codes of malformed requests, which any operation can return. */
export const httpErrors = {
  VALIDATION_FAILED: {
    status: 400,
    title: 'Validation failed',
    meaning: 'The body, the query, or a header is not valid. `errors` names every invalid field.',
    action: 'Correct the fields that `errors` names and send the request again.'
  },
  BAD_REQUEST: {
    status: 400,
    title: 'Bad request',
    meaning: 'The request is not valid HTTP.',
    action: 'Use an HTTP client or a proxy that follows the standard.'
  },
  BAD_HOST: {
    status: 400,
    title: 'Invalid Host header',
    meaning: 'The request has no `Host` header, or more than one.',
    action: 'Send exactly one `Host` header.'
  },
  UPGRADE_REFUSED: {
    status: 400,
    title: 'Upgrade refused',
    meaning: 'The request asks to upgrade the connection to a WebSocket, which the platform does not support.',
    action: 'Send an ordinary HTTP request.'
  },
  INVALID_JSON: {
    status: 400,
    title: 'Invalid JSON',
    meaning: 'The body is not valid JSON.',
    action: 'Send a body that a JSON parser accepts, encoded in UTF-8.'
  },
  INVALID_BODY: {
    status: 400,
    title: 'Incomplete body',
    meaning: 'The body ended early, or its length differs from `Content-Length`.',
    action: 'Send the request again.'
  },
  INVALID_CSV: {
    status: 400,
    title: 'Invalid CSV',
    meaning: 'The body is not valid CSV (RFC 4180). `detail` names the line.',
    action: 'Correct the line and send the request again. Nothing was stored.'
  },
  INVALID_URL: {
    status: 400,
    title: 'Invalid URL',
    meaning: 'The path contains a percent-encoding that cannot be decoded.',
    action: 'Encode the path as specified in RFC 3986.'
  },
  NOT_FOUND: {
    status: 404,
    title: 'Not found',
    meaning: 'There is no operation at this path.',
    action: 'Compare the path with the documentation.'
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The path exists, but not with this method.',
    action: 'Use one of the methods in the `Allow` header.'
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request timeout',
    meaning: 'The request did not arrive completely in time.',
    action: 'Send the request again over a faster connection.'
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'Body too large',
    meaning: 'The body is larger than the operation accepts.',
    action: 'Split the body into several requests.'
  },
  ADDRESS_TOO_LONG: {
    status: 414,
    title: 'URL too long',
    meaning: 'The URL is longer than the server accepts.',
    action: 'Shorten the query string.'
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'The operation does not accept a body of this content type, or the request has a `Content-Encoding`.',
    action: 'Send the body as `application/json`, or as a type that the operation documents, and do not compress it.'
  },
  EXPECTATION_FAILED: {
    status: 417,
    title: 'Expectation failed',
    meaning: 'The `Expect` header contains something other than `100-continue`.',
    action: 'Send the request without the `Expect` header.'
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'Headers too large',
    meaning: 'The headers are larger than the server accepts.',
    action: 'Send fewer or shorter headers.'
  }
} as const satisfies Readonly<Record<string, ErrorEntry>>
