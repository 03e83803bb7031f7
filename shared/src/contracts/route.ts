import type { TSchema } from 'typebox'
import type { Access } from './roles.ts'
import { Strict } from './schemas/common.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The server that answers an operation. */
export type ServiceName = 'auth-service' | 'event-service'

export type Limit = 'sign-in' | 'registration'

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
  /** The codes with which the operation refuses a request, by status, besides those that every operation has. */
  readonly refusals?: Readonly<Record<number, readonly string[]>>
  /** The maximum size of the body in bytes; `defaultBodyLimit` by default. */
  readonly bodyLimit?: number
  /** The rate limit per address, for operations that hash a password or secret for anyone. */
  readonly limit?: Limit
  /** The body as `text/csv`, if the operation accepts it besides JSON. */
  readonly csv?: { readonly schema: TSchema, readonly example: string }
  readonly schema: {
    readonly params?: TSchema
    readonly querystring?: TSchema
    readonly headers?: TSchema
    readonly body?: TSchema
    /** Successes only: every error is a problem document. */
    readonly response: Readonly<Record<number, TSchema>>
  }
}

/** What the guard, the limits, and the log read from `request.routeOptions.config`. */
export interface RouteConfig {
  readonly operationId: string
  readonly access: Access
  readonly limit?: Limit
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
