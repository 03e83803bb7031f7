export { createClient, type ClientOptions } from './client.ts'
export { isLaurelError } from './response.ts'
export type { ClientTokens } from './tokens.ts'
export type { Answer, CallOptions, Client, Input, LaurelError, OperationId } from './types.ts'
