import { DomainError } from '../../errors.ts'
import { appendPointer } from './json-pointer.ts'

const maxDepth = 20
const inheritedNames = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Checks what no schema mentions. Throws `VALIDATION_FAILED` for NUL (other programs end a string there), for lone
 * surrogates (UTF-8 cannot encode them), for property names that JavaScript objects inherit, and for a value that is
 * nested deeper than 20 levels.
 */
export function rejectHostileText (value: unknown, pointer = '', depth = 0): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw invalidAt(pointer, 'must not contain NUL')
    if (!value.isWellFormed()) throw invalidAt(pointer, 'must be well-formed Unicode')
  } else if (typeof value === 'object' && value !== null) {
    if (depth === maxDepth) throw invalidAt(pointer, `is nested deeper than ${maxDepth} levels`)
    for (const [name, child] of Object.entries(value)) {
      const childPointer = appendPointer(pointer, name)
      if (inheritedNames.has(name)) throw invalidAt(childPointer, 'is not an allowed property name')
      rejectHostileText(name, childPointer, depth)
      rejectHostileText(child, childPointer, depth + 1)
    }
  }
}

function invalidAt (pointer: string, detail: string): DomainError {
  // The pointer itself may contain the rejected characters.
  const readable = pointer.toWellFormed().replaceAll('\0', '\ufffd')
  const errors = [{ pointer: readable, detail }]
  return new DomainError('invalid', 'VALIDATION_FAILED', `${readable} ${detail}`, { errors })
}
