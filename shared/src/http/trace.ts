// W3C Trace Context, 3.2: no id is all zeros, and there is no version ff.
const valid = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** `traceparent`, as it came where it is valid; else the beginning of a trace that is named as the request is, without the hyphens. */
export function traceOf (traceparent: unknown, requestId: string): string {
  if (typeof traceparent === 'string' && valid.test(traceparent)) return traceparent
  const id = requestId.replaceAll('-', '')
  return `00-${id}-${id.slice(16)}-00`
}

/** The id of the trace that a `traceparent` of ours belongs to. */
export function traceIdOf (traceparent: string): string {
  return traceparent.slice(3, 35)
}
