export { createClient, type ClientOptions } from './client.ts'
export { isLaurelError } from './response.ts'
export type { ClientTokens } from './tokens.ts'
export type {
  CallOptions, Client, Condition, Input, LaurelError, OperationId, Output, Progress
} from './types.ts'
