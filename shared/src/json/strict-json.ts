import { isExactNumber } from './exact-number.ts'

/** A value that is valid JSON but that the platform rejects. `pointer` is a JSON Pointer (RFC 6901) to the value. */
export class JsonViolationError extends Error {
  override readonly name = 'JsonViolationError'
  readonly pointer: string
  readonly detail: string

  constructor (pointer: string, detail: string) {
    super(`${pointer} ${detail}`)
    this.pointer = pointer
    this.detail = detail
  }
}

/** The maximum nesting depth of objects and arrays. */
const maxDepth = 20
/** Names that JavaScript objects inherit. */
const inheritedNames = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Parses JSON (RFC 8259) with the restrictions of I-JSON (RFC 7493), so that parsing never changes the meaning. Throws
 * `SyntaxError` for invalid JSON. Throws `JsonViolationError` for a name that occurs twice in an object, a number that
 * JavaScript would change, NUL, lone surrogates, a name that JavaScript objects inherit, and more than 20 levels.
 */
export function parseStrictJson (text: string): unknown {
  const value: unknown = JSON.parse(text)
  new Scanner(text).scan()
  return value
}

/** Throws `JsonViolationError` for NUL and for lone surrogates, which UTF-8 cannot encode. */
export function checkText (text: string, pointer: string): void {
  if (text.includes('\0')) throw new JsonViolationError(readable(pointer), 'must not contain NUL')
  if (!text.isWellFormed()) throw new JsonViolationError(readable(pointer), 'must be well-formed Unicode')
}

/** Throws `JsonViolationError` for a name that JavaScript objects inherit. */
export function checkName (name: string, pointer: string): void {
  if (inheritedNames.has(name)) throw new JsonViolationError(pointer, 'is not an allowed property name')
}

/** Returns a pointer to a child (RFC 6901). */
export function appendPointer (pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

// A pointer may itself contain the rejected characters.
function readable (pointer: string): string {
  return pointer.toWellFormed().replaceAll('\0', '\ufffd')
}

/** An object or an array that contains the current token. */
interface Level {
  /** The names of an object so far. `undefined` for an array. */
  readonly names: Set<string> | undefined
  /** The current name or index. */
  key: string | number
  /** Whether the next string is a name. */
  expectsName: boolean
}

const char = { quote: 0x22, comma: 0x2c, minus: 0x2d, zero: 0x30, nine: 0x39, backslash: 0x5c } as const
const bracket = { open: 0x5b, close: 0x5d } as const
const brace = { open: 0x7b, close: 0x7d } as const

/** Checks the tokens of a string that is valid JSON. */
class Scanner {
  readonly #text: string
  readonly #hasEscapes: boolean
  readonly #levels: Level[] = []

  constructor (text: string) {
    this.#text = text
    this.#hasEscapes = text.includes('\\')
  }

  scan (): void {
    const text = this.#text
    let level: Level | undefined
    for (let index = 0; index < text.length;) {
      const code = text.charCodeAt(index)
      if (code === char.quote) {
        const end = this.#endOfString(index)
        this.#checkString(index, end, level)
        index = end
      } else if (code === char.minus || isDigit(code)) {
        const end = endOfNumber(text, index)
        this.#checkNumber(index, end)
        index = end
      } else {
        index += 1
        if (code === char.comma) startMember(level as Level)
        else if (code === brace.open || code === bracket.open) level = this.#enter(code === brace.open)
        else if (code === brace.close || code === bracket.close) level = this.#leave()
      }
    }
  }

  #enter (isObject: boolean): Level {
    if (this.#levels.length === maxDepth) {
      throw new JsonViolationError(this.#pointer(), `is nested deeper than ${maxDepth} levels`)
    }
    const level = { names: isObject ? new Set<string>() : undefined, key: isObject ? '' : 0, expectsName: isObject }
    this.#levels.push(level)
    return level
  }

  #leave (): Level | undefined {
    this.#levels.pop()
    return this.#levels.at(-1)
  }

  /** Returns the index after the closing quote of a string. */
  #endOfString (start: number): number {
    let end = this.#text.indexOf('"', start + 1)
    while (this.#hasEscapes && isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1)
    return end + 1
  }

  #checkString (start: number, end: number, level: Level | undefined): void {
    if (level?.expectsName === true) {
      level.key = this.#decode(start, end)
      level.expectsName = false
      this.#checkMember(level.key, level.names as Set<string>)
    } else if (this.#hasEscapes) {
      checkText(this.#decode(start, end), this.#pointer())
    }
  }

  #checkMember (name: string, names: Set<string>): void {
    if (this.#hasEscapes) checkText(name, this.#pointer())
    if (inheritedNames.has(name)) checkName(name, this.#pointer())
    if (names.has(name)) throw new JsonViolationError(this.#pointer(), 'occurs twice')
    names.add(name)
  }

  #checkNumber (start: number, end: number): void {
    if (isExactNumber(this.#text.slice(start, end))) return
    throw new JsonViolationError(this.#pointer(), 'is a number that cannot be stored exactly; send it as a string')
  }

  #decode (start: number, end: number): string {
    const raw = this.#text.slice(start + 1, end - 1)
    return this.#hasEscapes && raw.includes('\\') ? JSON.parse(`"${raw}"`) as string : raw
  }

  #pointer (): string {
    return this.#levels.reduce((pointer, { key }) => appendPointer(pointer, key), '')
  }
}

function startMember (level: Level): void {
  if (level.names === undefined) level.key = Number(level.key) + 1
  else level.expectsName = true
}

function isDigit (code: number): boolean {
  return code >= char.zero && code <= char.nine
}

function isEscaped (text: string, index: number): boolean {
  let start = index
  while (text.charCodeAt(start - 1) === char.backslash) start -= 1
  return (index - start) % 2 === 1
}

function endOfNumber (text: string, start: number): number {
  let end = start + 1
  while (end < text.length && isNumberPart(text.charCodeAt(end))) end += 1
  return end
}

/** Digits, `.`, `e`, `E`, `+` and `-`. */
function isNumberPart (code: number): boolean {
  return isDigit(code) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === char.minus
}
