import { Type, type Static } from 'typebox'
import { describeCodes } from '../errors/index.ts'

/** Why a claim is refused. With these codes, the user can claim again. */
export const refusals = [
  'EVENT_INACTIVE', 'EVENT_NOT_STARTED', 'EVENT_ENDED', 'NO_REWARDS', 'CONDITIONS_NOT_MET', 'OUT_OF_STOCK'
] as const

export const Refusal = Type.Enum([...refusals], {
  title: 'Refusal',
  description: `Why a claim was refused. The user can claim again.\n\n${describeCodes(refusals)}`
})
export type Refusal = Static<typeof Refusal>

/** Why a user cannot claim, including the codes of claims that are final. */
export const claimRefusals = [...refusals, 'ALREADY_CLAIMED', 'CLAIM_REJECTED', 'CLAIM_REVOKED'] as const

export const ClaimRefusal = Type.Enum([...claimRefusals], {
  title: 'ClaimRefusal',
  description: `Why the user cannot claim.\n\n${describeCodes(claimRefusals)}`
})
export type ClaimRefusal = Static<typeof ClaimRefusal>
