import type * as shared from '@laurel/shared/contracts'
import type { ClaimProblem, ClaimRefusal, ErrorCode, Problem, Refusal, RouteContract } from '@laurel/shared/contracts'
import type { Static, TSchema } from 'typebox'

export type { Progress } from '@laurel/shared/contracts'

// The type of a list of all contracts does not include the type of each contract.
type Modules = Omit<typeof shared, 'contracts' | 'publicContracts'>
type Contract = Extract<{ [M in keyof Modules]: Modules[M][keyof Modules[M]] }[keyof Modules], RouteContract>
type PublicContract = Exclude<Contract, { readonly access: 'internal' | 'private' }>

export type OperationId = PublicContract['operationId']

type Schema<Id extends OperationId> = Extract<PublicContract, { readonly operationId: Id }>['schema']
type Part<Id extends OperationId, Name extends string> =
  Schema<Id> extends Readonly<Record<Name, infer S extends TSchema>> ? Static<S> : unknown

/** The condition of an event: a leaf, or several conditions of which all or any must be met. */
export type Condition =
  Immutable<shared.Leaf> | { readonly all: readonly Condition[] } | { readonly any: readonly Condition[] }

type Immutable<T> =
  T extends readonly shared.Condition[] ? readonly Condition[] :
    T extends object ? { readonly [Name in keyof T]: Immutable<T[Name]> } : T

type Responses<Id extends OperationId> = Schema<Id>['response']
type Body<T> = T extends TSchema ? Static<T> extends null ? undefined : Static<T> : never

/** The input and the result of each operation. */
export type Operations = {
  [Id in OperationId]: {
    input: Immutable<Part<Id, 'params'> & Part<Id, 'querystring'> & Part<Id, 'body'>>
    output: Body<Responses<Id>[keyof Responses<Id>]>
  }
}

/** The parameters of the path and the query and the properties of the body, in one object. */
export type Input<Id extends OperationId> = Operations[Id]['input']

/** The body of a success; `undefined` if it has none. */
export type Output<Id extends OperationId> = Operations[Id]['output']

export interface CallOptions {
  /** The idempotency key. By default, operations that accept a key get a random one for each call. */
  readonly idempotencyKey?: string
  /** The expected `ETag` of the object. */
  readonly ifMatch?: string
  readonly signal?: AbortSignal
}

type Call<Id extends OperationId> = object extends Input<Id>
  ? (input?: Input<Id>, options?: CallOptions) => Promise<Output<Id>>
  : (input: Input<Id>, options?: CallOptions) => Promise<Output<Id>>

export type Client = { readonly [Id in OperationId]: Call<Id> }

/** The members that only some problem documents have. Some codes of a refused claim have other uses, too. */
type Members<Code extends ErrorCode> =
  Code extends 'VALIDATION_FAILED' ? Required<Pick<Problem, 'errors'>> :
    Code extends 'CONDITIONS_NOT_MET' ? { readonly progress: NonNullable<ClaimProblem['progress']> } :
      Code extends Refusal ? Partial<Pick<ClaimProblem, 'progress'>> :
        Code extends ClaimRefusal ? Required<Pick<ClaimProblem, 'progress' | 'claim'>> : unknown

/**
 * An error response of the platform: a problem document as an `Error`.
 * `code` narrows it: with CONDITIONS_NOT_MET, for example, it has `progress`.
 */
export type LaurelError = {
  [Code in ErrorCode]: Error & Readonly<Omit<Problem, 'code' | 'errors'> & Members<Code>> & { readonly code: Code }
}[ErrorCode]
