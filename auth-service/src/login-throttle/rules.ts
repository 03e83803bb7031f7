import { createHash } from 'node:crypto'
import { DomainError } from '@laurel/shared/errors'
import { networkOf } from '@laurel/shared/http'

/**
 * How wrong passwords delay the next attempt. After the free attempts, passwords are verified one at a time. All times
 * are in seconds.
 */
export interface ThrottleRule {
  /** The number of attempts that cause no delay and can be verified at the same time. */
  readonly freeAttempts: number
  /** After that, the delay doubles from one second up to this. */
  readonly maxDelay: number
  /** How long attempts are remembered. */
  readonly memory: number
  /** Whether each attempt extends the time for which the earlier ones are remembered. */
  readonly extendsMemory: boolean
}

/** The key for which attempts are counted: an account, an address or a session. */
export interface ThrottleKey {
  readonly id: string
  readonly rule: ThrottleRule
}

/** The key is the email address, even if it has no account, so that a delay does not reveal whether one exists. */
const accountRule: ThrottleRule = { freeAttempts: 5, maxDelay: 900, memory: 3600, extendsMemory: true }

/** Many people can share an address (NAT). The limit is high, the delay is short, and the window always ends. */
const addressRule: ThrottleRule = { freeAttempts: 1000, maxDelay: 60, memory: 900, extendsMemory: false }

/** Wrong passwords within a session slow down only this session, not the owner's login. */
const sessionRule: ThrottleRule = accountRule

// Only hashes are stored: a plain email address would outlive the account that it belongs to.
function keyId (kind: string, text: string): string {
  return `${kind}:${createHash('sha256').update(text).digest('base64url')}`
}

export function accountKey (email: string): ThrottleKey {
  return { id: keyId('account', email), rule: accountRule }
}

/** @param address is normalized, as `request.clientAddress`. An IPv6 client can choose any address of its network. */
export function addressKey (address: string): ThrottleKey {
  return { id: keyId('address', networkOf(address)), rule: addressRule }
}

export function sessionKey (sessionId: string): ThrottleKey {
  return { id: keyId('session', sessionId), rule: sessionRule }
}

/** Returns the delay in milliseconds after this many attempts. */
export function delayAfter (attempts: number, { freeAttempts, maxDelay }: ThrottleRule): number {
  return attempts <= freeAttempts ? 0 : Math.min(maxDelay, 2 ** (attempts - freeAttempts - 1)) * 1000
}

/** @param delay in milliseconds. */
export function tooManyAttempts (delay: number): DomainError {
  const sentence = 'Too many wrong passwords. Wait before you try again.'
  return new DomainError('too-many', 'TOO_MANY_ATTEMPTS', sentence, { retryAfter: delay / 1000 })
}
