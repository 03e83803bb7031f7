import { invalidField } from '../errors.ts'

/** A position in a list. */
export interface Position {
  readonly at: Date
  readonly id: string
}

/**
 * Returns the cursor of a position. The cursor does not identify the list: the server binds it to the list that it was
 * returned for (see `bindCursors`).
 */
export function writeCursor ({ at, id }: Position): string {
  return Buffer.from(`${at.getTime()}.${id}`).toString('base64url')
}

/** Returns the position of a cursor. Throws `VALIDATION_FAILED` if the cursor is malformed. */
export function readCursor (cursor: string): Position {
  const bytes = Buffer.from(cursor, 'base64url')
  const [, time, id] = /^(-?\d{1,16})\.(.+)$/s.exec(bytes.toString()) ?? []
  const at = new Date(Number(time))
  if (bytes.toString('base64url') !== cursor || id === undefined || Number.isNaN(at.getTime())) {
    throw invalidField('/cursor', 'is not a cursor of this list')
  }
  return { at, id }
}
