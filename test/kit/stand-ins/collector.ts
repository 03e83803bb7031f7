import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'

export interface CollectedSpan {
  /** `service.name` of the server. */
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  /** Absent for the first span of a trace. */
  readonly parentSpanId?: string
  readonly links: ReadonlyArray<{ readonly traceId: string, readonly spanId: string }>
  readonly attributes: Readonly<Record<string, unknown>>
  /** `code` is 2 if it failed. */
  readonly status: { readonly code: number, readonly message?: string }
}

export interface Collector {
  readonly url: string
  readonly spans: CollectedSpan[]
  /** All received spans. */
  received: string
  /** The status of its responses. */
  status: number
  /** Whether it never responds. */
  isSilent: boolean
}

type Json = Record<string, any>

const attributesOf = ({ attributes = [] }: Json): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }: Json) => [key, Object.values(value)[0]]))

/** Returns the spans of a request (OTLP/JSON, `ExportTraceServiceRequest`). */
function spansOf (body: Json): CollectedSpan[] {
  return body['resourceSpans'].flatMap(({ resource, scopeSpans }: Json) =>
    scopeSpans.flatMap(({ spans }: Json) => spans.map((span: Json) => ({
      service: attributesOf(resource)['service.name'],
      links: [],
      ...span,
      attributes: attributesOf(span)
    }))))
}

/** Starts a stand-in for an OpenTelemetry collector. Stopped with the test. */
export async function startCollector (t: Test): Promise<Collector> {
  const server = createServer((request, response) => {
    void text(request).then(body => {
      collector.received += body
      if (collector.isSilent) return
      if (collector.status === 200 && request.url === '/v1/traces') collector.spans.push(...spansOf(JSON.parse(body)))
      response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(async () => {
    server.closeAllConnections()
    await new Promise(resolve => { server.close(resolve) })
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const collector: Collector = { url, spans: [], received: '', status: 200, isSilent: false }
  return collector
}
