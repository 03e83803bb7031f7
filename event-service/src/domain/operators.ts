import type { Scalar, Where } from '@laurel/shared/contracts'

type Operand = Scalar | readonly Scalar[]

/** Everything that depends on the operator of a `where`. */
interface Operator {
  readonly matches: (value: Scalar, operand: Operand) => boolean
  readonly en: string
  readonly ko: string
}

/** Compares without conversion: '7' is neither greater nor less than 6. Text is compared by code units. */
function ordered (isInOrder: (value: Scalar, operand: Scalar) => boolean): Operator['matches'] {
  return (value, operand) => typeof value === typeof operand && isInOrder(value, operand as Scalar)
}

/** One entry for each operator of the contract. */
export const operators: Readonly<Record<Where['op'], Operator>> = {
  eq: { matches: (value, operand) => value === operand, en: 'is', ko: '=' },
  ne: { matches: (value, operand) => value !== operand, en: 'is not', ko: '≠' },
  in: { matches: (value, operand) => typeof operand === 'object' && operand.includes(value), en: 'is one of', ko: '∈' },
  gt: { matches: ordered((value, operand) => value > operand), en: '>', ko: '>' },
  gte: { matches: ordered((value, operand) => value >= operand), en: '≥', ko: '≥' },
  lt: { matches: ordered((value, operand) => value < operand), en: '<', ko: '<' },
  lte: { matches: ordered((value, operand) => value <= operand), en: '≤', ko: '≤' }
}
