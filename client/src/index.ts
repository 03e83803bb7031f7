export { createClient, type ClientOptions } from './client.ts'
export { isLaurelError } from './response.ts'
export type { ClientTokens } from './tokens.ts'
export type { CallOptions, Client, Input, LaurelError, OperationId, Output } from './types.ts'
