import { context, ROOT_CONTEXT, SpanKind, trace, type Span, type Tracer } from '@opentelemetry/api'
import type { BatchTracer } from './tracing.ts'

/** The maximum number of links from the span of a batch to its requests. It is the size of a full batch of claims. */
export const maxLinks = 500

/**
 * Creates a span for each batch, in its own trace, because a batch belongs to many requests. The span of the batch and
 * the spans of its requests are linked in both directions.
 */
export function createBatchTracer (kind: string, tracer: Tracer): BatchTracer {
  return {
    currentSpan: () => trace.getActiveSpan(),
    async run (requests, batch) {
      const spans = [...new Set(requests as ReadonlyArray<Span | undefined>)].filter(isRecording)
      // The current context belongs to an arbitrary earlier request or batch.
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

/** Whether a request is sampled and has no response yet. */
function isRecording (span: Span | undefined): span is Span {
  return span?.isRecording() === true
}
