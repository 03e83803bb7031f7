import { Type, type Static } from 'typebox'

/** The roles of users. A user has exactly one role. An ADMIN has the permissions of all other roles. */
export const userRoles = ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'] as const
export const Role = Type.Enum([...userRoles], {
  title: 'Role', description: 'The role of a user, which defines their permissions.'
})
export type Role = Static<typeof Role>

/** The roles of tokens: the roles of users, and SERVICE for machine clients. */
export const callerRoles = [...userRoles, 'SERVICE'] as const
export const CallerRole = Type.Enum([...callerRoles], { description: 'The role of the token.' })
export type CallerRole = Static<typeof CallerRole>

/**
 * Who may call an operation.
 * `public`: everyone, without a token.
 * `internal`: other services, with a service token. The gateway does not mount it.
 * `private`: everyone in the private network, without a token. The gateway does not mount it.
 */
export type Access = 'public' | 'internal' | 'private' | readonly CallerRole[]
