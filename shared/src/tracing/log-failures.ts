import type { SpanExporter } from '@opentelemetry/sdk-trace'

interface Log {
  readonly warn: (fields: object, message: string) => void
  readonly info: (message: string) => void
}

/** Logs in one line that spans cannot be sent, and in one that they can be sent again. */
export function logFailures (exporter: SpanExporter, log: Log): SpanExporter {
  let isFailing = false

  function note (error: Error | undefined): void {
    if (error !== undefined && !isFailing) log.warn({ reason: error.message }, 'traces cannot be sent; they are lost')
    if (error === undefined && isFailing) log.info('traces are sent again')
    isFailing = error !== undefined
  }

  return {
    export (spans, onResult) {
      exporter.export(spans, result => {
        note(result.error)
        onResult(result)
      })
    },
    shutdown: async () => { await exporter.shutdown() }
  }
}
