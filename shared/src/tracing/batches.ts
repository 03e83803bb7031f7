import { context, ROOT_CONTEXT, SpanKind, trace, type Span, type Tracer } from '@opentelemetry/api'
import type { BatchTracer } from './tracing.ts'

/** How many requests the span of a batch is linked with at most: as many as a batch of claims has. */
export const maxLinks = 500

/**
 * Gives each batch a span in a trace of its own, because it belongs to many requests: it is linked with the spans of
 * its requests, and they with it.
 */
export function createBatchTracer (kind: string, tracer: Tracer): BatchTracer {
  return {
    currentSpan: () => trace.getActiveSpan(),
    async run (requests, batch) {
      const spans = [...new Set(requests as ReadonlyArray<Span | undefined>)].filter(isRecording)
      // The context here is that of any request or batch before this one.
      if (spans.length === 0) return await context.with(ROOT_CONTEXT, batch)
      const span = tracer.startSpan(`batch ${kind}`, {
        kind: SpanKind.INTERNAL,
        attributes: { 'laurel.batch.requests': requests.length },
        links: spans.slice(0, maxLinks).map(request => ({ context: request.spanContext() }))
      }, ROOT_CONTEXT)
      const link = { context: span.spanContext() }
      for (const request of spans) request.addLink(link)
      return await context.with(trace.setSpan(ROOT_CONTEXT, span), batch).finally(() => { span.end() })
    }
  }
}

/** Whether a request is sampled and waits for its answer. */
function isRecording (span: Span | undefined): span is Span {
  return span?.isRecording() === true
}
