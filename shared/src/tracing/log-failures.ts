import type { SpanExporter } from '@opentelemetry/sdk-trace'

interface Log {
  readonly warn: (fields: object, message: string) => void
  readonly info: (message: string) => void
}

/** Logs one line when spans cannot be exported, and one line when they can be exported again. */
export function logFailures (exporter: SpanExporter, log: Log): SpanExporter {
  let isFailing = false

  function note (error: Error | undefined): void {
    if (error !== undefined && !isFailing) {
      log.warn({ reason: error.message }, 'traces cannot be exported; spans are dropped')
    }
    if (error === undefined && isFailing) log.info('traces are exported again')
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
