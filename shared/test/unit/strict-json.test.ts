import fc from 'fast-check'
import t from 'tap'
import { isExactNumber } from '../../src/json/exact-number.ts'
import { JsonViolationError, parseStrictJson } from '../../src/json/strict-json.ts'
import { assertProperty } from '../../../test/kit/run/property.ts'

function violation (text: string): { pointer: string, detail: string } | undefined {
  try {
    parseStrictJson(text)
    return undefined
  } catch (error) {
    if (!(error instanceof JsonViolationError)) throw error
    const { pointer, detail } = error
    return { pointer, detail }
  }
}

const inexact = 'is a number that cannot be stored exactly; send it as a string'

for (const [name, text, pointer, detail] of [
  ['a name that occurs twice', '{"a":1,"a":1}', '/a', 'occurs twice'],
  ['a name that occurs twice, apart', '{"a":1,"b":{"a":2},"a":[]}', '/a', 'occurs twice'],
  ['a nested name that occurs twice', '[{"x":{"a":1,"b":2,"a":3}}]', '/0/x/a', 'occurs twice'],
  ['a name that occurs twice in another spelling', '{"a":1,"\\u0061":2}', '/a', 'occurs twice'],
  ['an empty name that occurs twice', '{"":1,"":2}', '/', 'occurs twice'],
  ['an integer past 2^53', '{"id":9007199254740993}', '/id', inexact],
  ['2^53 itself', '9007199254740992', '', inexact],
  ['a negative integer past 2^53', '{"a":[0,-9007199254740993]}', '/a/1', inexact],
  ['twenty digits', '{"a":{"b":[12345678901234567890]}}', '/a/b/0', inexact],
  ['too large for a number', '{"exp":1e400}', '/exp', inexact],
  ['too small for a number', '{"a":1e-400}', '/a', inexact],
  ['more decimals than a number has', '{"a":0.1000000000000000055}', '/a', inexact],
  ['a large integer with an exponent', '{"a":1e22}', '/a', inexact],
  ['NUL', '{"a":"\\u0000"}', '/a', 'must not contain NUL'],
  ['a lone surrogate', '["\\ud800"]', '/0', 'must be well-formed Unicode'],
  ['an inherited name', '{"a":{"__proto__":{}}}', '/a/__proto__', 'is not an allowed property name'],
  ['an inherited name in another spelling', '{"\\u005f_proto__":{}}', '/__proto__', 'is not an allowed property name'],
  ['a name with a slash and a tilde', '{"a/~b":1e999}', '/a~1~0b', inexact],
  ['after a string with quotes and backslashes', '{"a":"\\\\\\"{[,","b":"\\\\","b":1}', '/b', 'occurs twice']
] as const) {
  t.test(`rejected: ${name}`, async t => { t.same(violation(text), { pointer, detail }) })
}

t.test('accepted and unchanged: everything else', async t => {
  for (const text of [
    '0', '-0', '1.50', '1e3', '1E+2', '-1.5e-3', '123456789012345', '9007199254740991', '-9007199254740991', '0.1',
    '5e-324', '0.000', '0e99', 'null', 'true', '""', '[]', '{}',
    '[[],[{}],{"a":[]}]', '{"a":{"a":{"a":1}},"b":["a","a"]}', ' { "a" : [ 1 , 2 ] , "b" : "x" } ', '"\\ud83c\\udf81"',
    '{"a":"a","b":"a:b,{}[]\\"c\\""}', '{"constructors":1,"proto":2}'
  ]) t.same(parseStrictJson(text), JSON.parse(text), text)
})

t.test('SyntaxError for invalid JSON', async t => {
  for (const text of ['', '{', '{"a":1,}', '01', '1.', '"\t"', "{'a':1}", 'NaN', '{"a":1}}', '[1 2]']) {
    t.throws(() => parseStrictJson(text), SyntaxError, text)
  }
})

t.test('any value that JSON.stringify writes is accepted and unchanged', async t => {
  const stringUnit = fc.oneof(fc.nat(0xD7FF), fc.integer({ min: 0xE000, max: 0x10FFFF }))
    .map(codePoint => String.fromCodePoint(codePoint))
  const safe = fc.jsonValue({ maxDepth: 5, stringUnit }).filter(value => !hasUnsafePart(value))
  assertProperty(fc.property(safe, fc.constantFrom(0, 2), (value, indent) => {
    t.same(parseStrictJson(JSON.stringify(value, null, indent)), JSON.parse(JSON.stringify(value)))
  }), 100)
})

/** Whether a value contains something that the parser rejects. */
function hasUnsafePart (value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value)
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed()
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, child]) =>
    ['__proto__', 'constructor', 'prototype'].includes(name) || hasUnsafePart(name) || hasUnsafePart(child))
}

t.test('a number is exact if its decimal value survives', async () => {
  assertProperty(fc.property(fc.maxSafeInteger(), n => isExactNumber(String(n))), 100)
  assertProperty(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), n =>
    isExactNumber(String(n)) === (!Number.isInteger(n) || Number.isSafeInteger(n))), 100)
  assertProperty(fc.property(fc.integer({ min: 1, max: 999_999 }), fc.nat(9), (n, zeros) =>
    isExactNumber(`${n}.${'0'.repeat(zeros + 1)}`) && isExactNumber(`0.${'0'.repeat(zeros)}${n}`)), 100)
  assertProperty(fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }), n => !isExactNumber(String(n))), 100)
})
