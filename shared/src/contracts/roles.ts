import { Type, type Static } from 'typebox'

/** The roles of users. A user has exactly one. An ADMIN may do everything that the other roles may. */
export const userRoles = ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'] as const
export const Role = Type.Enum([...userRoles], { description: 'The role of a user. It decides what the user may do.' })
export type Role = Static<typeof Role>

/** The roles of tokens: those of users, and SERVICE for machine clients. */
export const callerRoles = [...userRoles, 'SERVICE'] as const
export type CallerRole = (typeof callerRoles)[number]

/**
 * Who may call an operation.
 * `public`: everyone, without a token.
 * `internal`: other services, with a service token. The gateway does not mount it.
 * `private`: everyone in the private network, without a token. The gateway does not mount it.
 */
export type Access = 'public' | 'internal' | 'private' | readonly CallerRole[]
