import { Type, type Static } from 'typebox'
import { Int32, Strict } from './common.ts'

const CouponCode = Type.String({
  pattern: '^[\\x21-\\x7e]{1,100}$', description: 'A code of printable ASCII characters without spaces.'
})

export const CouponCodes = Strict({
  codes: Type.Array(CouponCode, { minItems: 1, maxItems: 10_000, description: 'The codes to add.' })
}, { examples: [{ codes: ['WELCOME-7F3K', 'WELCOME-9Q2M'] }] })
export type CouponCodes = Static<typeof CouponCodes>

/** Coupon codes as `text/csv`. */
export const CouponCodesCsv = Type.String({
  pattern: '^[!#-+\\--~]{1,100}(\\n[!#-+\\--~]{1,100}){0,9999}\\n?$',
  description: 'One code per line. Put a code that contains a comma or a quote in quotes (RFC 4180).'
})

export const CouponCodesAdded = Strict({
  added: Int32('How many codes are new.'),
  duplicates: Int32('How many codes already existed or occurred twice.')
}, { examples: [{ added: 2, duplicates: 0 }] })
export type CouponCodesAdded = Static<typeof CouponCodesAdded>
