import { Type, type Static } from 'typebox'

/** A person has exactly one of these. ADMIN may do everything that the other three may. */
export const roles = ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'] as const
export const Role = Type.Enum([...roles], { description: 'What this person may do' })
export type Role = Static<typeof Role>

/** Who a token can speak for: a person, or a machine client (SERVICE). */
export const callerRoles = [...roles, 'SERVICE'] as const
export type CallerRole = (typeof callerRoles)[number]

/**
 * Who may use an operation.
 * `public`: no token is asked for. `internal`: a service token, and the gateway never mounts it.
 * `private`: no token is asked for, and the gateway never mounts it: only the private network reaches it.
 */
export type Access = 'public' | 'internal' | 'private' | readonly CallerRole[]

/** Everyone with an account. */
export const people = roles satisfies Access
