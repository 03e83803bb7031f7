import { invalidField } from '../../errors.ts'
import { appendPointer, checkName, checkText, type JsonViolationError } from '../../json/strict-json.ts'

/**
 * Checks the names and values of a query string for characters that no schema describes, as `parseStrictJson` does for
 * a body. Throws `VALIDATION_FAILED` for NUL, for lone surrogates and for names that JavaScript objects inherit.
 */
export function checkQueryText (query: Readonly<Record<string, string | string[]>>): void {
  try {
    for (const name in query) {
      const pointer = appendPointer('', name)
      checkName(name, pointer)
      checkText(name, pointer)
      const value = query[name] as string | string[]
      if (typeof value === 'string') checkText(value, pointer)
      else value.forEach((item, index) => { checkText(item, appendPointer(pointer, index)) })
    }
  } catch (error) {
    const { pointer, detail } = error as JsonViolationError
    throw invalidField(pointer, detail)
  }
}
