// Every integer of up to 15 digits is exact.
const shortInteger = /^-?\d{1,15}$/
const decimal = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/**
 * Returns `true` if JavaScript stores a JSON number without changing its value. `0.10` and `1e3` are exact in this
 * sense, because they print as `0.1` and `1000`. Integers must be safe: 2^53 and 2^53 + 1 would be the same number.
 */
export function isExactNumber (literal: string): boolean {
  if (shortInteger.test(literal)) return true
  const value = Number(literal)
  if (!Number.isFinite(value)) return false
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return false
  return normalize(literal) === normalize(String(value))
}

/** Returns the magnitude of a decimal literal as `<significant digits>e<exponent>`, a unique form for each value. */
function normalize (literal: string): string {
  const [, whole, fraction = '', exponent = '0'] = decimal.exec(literal) as RegExpExecArray
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}
