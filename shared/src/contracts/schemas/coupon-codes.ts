import { Type, type Static } from 'typebox'
import { Int32, Strict } from './common.ts'

export const couponCodePattern = /^[\x21-\x7e]{1,100}$/

const CouponCode = Type.String({
  pattern: couponCodePattern.source, description: 'A code of printable ASCII characters without spaces.'
})

export const CouponCodes = Strict({
  codes: Type.Array(CouponCode, { minItems: 1, maxItems: 10_000, description: 'The codes to add.' })
}, {
  title: 'CouponCodes',
  description: 'Coupon codes to add to the pool of a reward.',
  examples: [{ codes: ['WELCOME-7F3K', 'WELCOME-9Q2M'] }]
})
export type CouponCodes = Static<typeof CouponCodes>

/** Coupon codes as `text/csv`. */
export const CouponCodesCsv = Type.String({
  pattern: '^[!#-+\\--:<-~]{1,100}(\\n[!#-+\\--:<-~]{1,100}){0,9999}\\n?$',
  description: 'One code per line. Quote a code that contains a comma, a semicolon or a quotation mark (RFC 4180). ' +
    'Spaces around a code are removed. The `charset` and `header` parameters of the content type are respected.'
})

export const CouponCodesAdded = Strict({
  added: Int32('How many codes are new.'),
  duplicates: Int32('How many codes already existed or occurred twice.')
}, {
  title: 'CouponCodesAdded',
  description: 'How many coupon codes were added.',
  examples: [{ added: 2, duplicates: 0 }]
})
export type CouponCodesAdded = Static<typeof CouponCodesAdded>
