import type { TSchema } from 'typebox'
import type { ErrorCode } from './errors/index.ts'
import type { Access } from './roles.ts'
import { Strict } from './schemas/common.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The server that handles an operation. */
export type ServiceName = 'auth-service' | 'event-service'

export type RateLimit = 'sign-in' | 'registration'

interface RouteInput {
  /** The name of the operation in the documentation, the logs, and the access matrix. */
  readonly operationId: string
  readonly service: ServiceName
  readonly method: Method
  /** The path with `:params`. The gateway and the service use the same one. */
  readonly url: string
  readonly access: Access
  /** What the operation does, in the imperative. */
  readonly summary: string
  readonly description?: string
  readonly tag: string
  /** The error codes of the operation, by status, in addition to those that every operation has. */
  readonly refusals?: Readonly<Record<number, readonly ErrorCode[]>>
  /** The schemas of problem documents with additional members, by status. */
  readonly problems?: Readonly<Record<number, TSchema>>
  /** The maximum size of the body in bytes; `defaultBodyLimit` by default. */
  readonly bodyLimit?: number
  /** Whether a POST is safe to repeat. If so, `@laurel/client` retries it after 503. */
  readonly repeatable?: true
  /** The rate limit per address, for operations without a token that hash a password or secret. */
  readonly limit?: RateLimit
  /** The body as `text/csv`, if the operation accepts CSV in addition to JSON. */
  readonly csv?: { readonly schema: TSchema, readonly example: string }
  /** Examples of successful responses by status, if they differ from the example of the schema. */
  readonly examples?: Readonly<Record<number, unknown>>
  readonly schema: {
    readonly params?: TSchema
    readonly querystring?: TSchema
    readonly headers?: TSchema
    readonly body?: TSchema
    /** Successful responses only: every error is a problem document. */
    readonly response: Readonly<Record<number, TSchema>>
  }
}

/** The configuration that the guard, the limits, and the log read from `request.routeOptions.config`. */
export interface RouteConfig {
  readonly operationId: string
  readonly access: Access
  readonly limit?: RateLimit
}

export type RouteContract = RouteInput & { readonly config: RouteConfig }

/** The default maximum size of a body in bytes. */
export const defaultBodyLimit = 64 * 1024

/** The query of an operation without parameters. */
const NoQuery = Strict({})

/**
 * Returns the contract of one operation: its method and URL, who may call it, and the schemas of input and output.
 * A service registers it with `app.route({ ...contract, handler })`.
 * The gateway and the documentation loop over all contracts.
 */
export function defineRoute<const R extends RouteInput> (route: R): R & { readonly config: RouteConfig } {
  const { operationId, access, limit } = route
  return {
    ...route,
    schema: { querystring: NoQuery, ...route.schema },
    config: { operationId, access, ...(limit === undefined ? {} : { limit }) }
  }
}
