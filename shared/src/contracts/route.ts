import type { TSchema } from 'typebox'
import { Strict } from './common.ts'
import type { Access } from './roles.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Which server answers an operation. */
export type ServiceName = 'auth-service' | 'event-service'

export type Limit = 'sign-in' | 'registration'

interface RouteInput {
  /** The operation's name in the docs, the logs and the access matrix. */
  readonly operationId: string
  readonly service: ServiceName
  readonly method: Method
  /** The public path, with `:params`; the service's own path is the same. */
  readonly url: string
  readonly access: Access
  readonly summary: string
  readonly description?: string
  readonly tag: string
  /** The codes of the refusals a client may meet, by status, beside the ones that every operation has. */
  readonly refusals?: Readonly<Record<number, readonly string[]>>
  /** Bytes a body may have; `defaultBodyLimit` where it is absent. */
  readonly bodyLimit?: number
  /** It takes a secret from anyone, or makes one, and costs a password's hash: each address may ask only so often. */
  readonly limit?: Limit
  /** Its body as `text/csv`, which it takes as well: one entry a line, without a header. */
  readonly csv?: { readonly schema: TSchema, readonly example: string }
  readonly schema: {
    readonly params?: TSchema
    readonly querystring?: TSchema
    readonly headers?: TSchema
    readonly body?: TSchema
    /** Successes only. Errors are problem documents, the same everywhere. */
    readonly response: Readonly<Record<number, TSchema>>
  }
}

/** What the running route carries, for the guard, the limits and the log: `request.routeOptions.config`. */
export interface RouteConfig {
  readonly operationId: string
  readonly access: Access
  readonly limit?: Limit
}

export type RouteContract = RouteInput & { readonly config: RouteConfig }

export const defaultBodyLimit = 64 * 1024

/** An operation that reads no parameter takes none. */
const NoQuery = Strict({})

/**
 * One operation of the platform: method, url, who may use it, and the shapes that go in and out.
 * A service spreads it into `app.route({ ...contract, handler })`; the gateway and the docs loop over all of them.
 */
export function defineRoute<const R extends RouteInput> (route: R): R & { readonly config: RouteConfig } {
  return { ...route, schema: { querystring: NoQuery, ...route.schema }, config: { operationId: route.operationId, access: route.access, ...(route.limit === undefined ? {} : { limit: route.limit }) } }
}
