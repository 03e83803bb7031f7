import { Id, Strict } from './schemas/common.ts'

// The path parameters of operations in several files.
export const eventParams = Strict({ eventId: Id('The id of the event.') })
export const claimParams = Strict({ claimId: Id('The id of the claim.') })
export const userParams = Strict({ userId: Id('The id of the user.') })
