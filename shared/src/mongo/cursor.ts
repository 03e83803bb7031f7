import { createHash } from 'node:crypto'
import { invalidField } from '../errors.ts'

/** A position in a list. */
export interface Position {
  readonly at: Date
  readonly id: string
}

// The checksum detects a cursor that was changed or belongs to another list. It protects no secret: a cursor only
// names a position in a list that its owner may read anyway.
function checksum (text: string, list: string): string {
  return createHash('sha256').update(`${list}\n${text}`).digest('base64url').slice(0, 12)
}

/** Returns the cursor of a position. `list` identifies the list, its filters and its order. */
export function writeCursor ({ at, id }: Position, list: string): string {
  const text = `${at.getTime()}.${id}`
  return Buffer.from(`${checksum(text, list)}.${text}`).toString('base64url')
}

/** Returns the position of a cursor. Throws `VALIDATION_FAILED` if it was not written for this list. */
export function readCursor (cursor: string, list: string): Position {
  const bytes = Buffer.from(cursor, 'base64url')
  const [sum, time, ...id] = bytes.toString().split('.')
  const text = `${time}.${id.join('.')}`
  if (bytes.toString('base64url') !== cursor || sum !== checksum(text, list)) {
    throw invalidField('/cursor', 'is not a cursor of this list')
  }
  return { at: new Date(Number(time)), id: id.join('.') }
}
