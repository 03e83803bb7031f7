import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, RawReplyDefaultExpression,
  RawRequestDefaultExpression, RawServerDefault
} from 'fastify'
import type { Registry } from 'prom-client'
import type { RouteConfig } from '../contracts/route.ts'

/** A Fastify instance whose handlers get their types from TypeBox schemas. */
export type Server = FastifyInstance<
  RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider
>

type Handler = (request: FastifyRequest, reply: FastifyReply) => FastifyReply

/** What `createServer` adds to Fastify. The token guard adds `request.caller`. */
declare module 'fastify' {
  interface FastifyContextConfig extends Partial<RouteConfig> {}

  interface FastifyInstance {
    /** The metrics of this server. Register a metric with `registers: [app.metrics]`. */
    metrics: Registry
    /** Responds with 404, or with 405 and `Allow` if the path has other methods. */
    sendNotFound: Handler
    /**
     * Set `started` to announce the shutdown. From then on the server is not ready and every response closes its
     * connection. The server still processes requests until it is closed.
     */
    shutdown: { started: boolean }
  }

  interface FastifyRequest {
    /** The normalized address of the client. */
    clientAddress: string
    /** W3C Trace Context: the value from the client if it is valid, otherwise a value derived from the request id. */
    traceparent: string
    /** The code of the problem document in the response. `null` for a success. */
    errorCode: string | null
    /** The response time of the service behind the gateway, in milliseconds. `null` if no service was called. */
    upstreamMs: number | null
  }
}
