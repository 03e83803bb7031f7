import type * as shared from '@laurel/shared/contracts'
import type { Claim, ClaimProblem, ErrorCode, FieldError, Problem, RouteContract } from '@laurel/shared/contracts'
import type { Static, TSchema } from 'typebox'

type Modules = Pick<typeof shared, 'activities' | 'audits' | 'auth' | 'claims' | 'clients' | 'events' | 'grants' |
  'pause' | 'reviews' | 'rewards' | 'sessions' | 'settlement' | 'users' | 'wallets' | 'webhooks'>
type Contract = Extract<{ [M in keyof Modules]: Modules[M][keyof Modules[M]] }[keyof Modules], RouteContract>
type PublicContract = Exclude<Contract, { readonly access: 'internal' | 'private' }>

export type OperationId = PublicContract['operationId']
type ContractOf<Id extends OperationId> = Extract<PublicContract, { readonly operationId: Id }>

/** The method and the path of an operation, such as `POST /v1/events`. */
export type Address<Id extends OperationId> = `${ContractOf<Id>['method']} ${ContractOf<Id>['url']}`

type Part<Id extends OperationId, Name extends string> =
  ContractOf<Id>['schema'] extends Readonly<Record<Name, infer S extends TSchema>> ? Static<S> : unknown

/** The parameters of the path and the query and the properties of the body, in one object. */
export type Input<Id extends OperationId> = Part<Id, 'params'> & Part<Id, 'querystring'> & Part<Id, 'body'>

type Answers<Id extends OperationId> = ContractOf<Id>['schema']['response']
type Body<T> = T extends TSchema ? Static<T> extends null ? undefined : Static<T> : never
export type Answer<Id extends OperationId> = Body<Answers<Id>[keyof Answers<Id>]>

export interface CallOptions {
  /** The idempotency key. By default, operations that accept a key get a random one for each call. */
  readonly idempotencyKey?: string
  /** The expected `ETag` of the object. */
  readonly ifMatch?: string
  readonly signal?: AbortSignal
}

type Operation<Id extends OperationId> = object extends Input<Id>
  ? (input?: Input<Id>, options?: CallOptions) => Promise<Answer<Id>>
  : (input: Input<Id>, options?: CallOptions) => Promise<Answer<Id>>

export type Client = { readonly [Id in OperationId]: Operation<Id> }

type Progress = ClaimProblem['progress']
type FinalCode = 'ALREADY_CLAIMED' | 'CLAIM_REJECTED' | 'CLAIM_REVOKED'

/** The additional members of problem documents, by code. */
type Members<Code extends ErrorCode> =
  Code extends 'VALIDATION_FAILED' ? { readonly errors: Array<Static<typeof FieldError>> } :
    Code extends 'CONDITIONS_NOT_MET' ? { readonly progress: NonNullable<Progress> } :
      Code extends FinalCode ? { readonly progress: Progress, readonly claim: Claim } :
        Code extends ClaimProblem['code'] ? { readonly progress: Progress } : unknown

/**
 * An error response of the platform: a problem document as an `Error`.
 * `code` narrows it: with CONDITIONS_NOT_MET, for example, it has `progress`.
 */
export type LaurelError = {
  [Code in ErrorCode]: Error & Readonly<Omit<Problem, 'code' | 'errors'>> & { readonly code: Code } & Members<Code>
}[ErrorCode]
