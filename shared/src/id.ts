import { randomBytes, randomInt } from 'node:crypto'

const letters = 'abcdef'

/** Returns 24 random hexadecimal digits. The first is a letter, so that no spreadsheet reads an id as a number. */
export function newId (): string {
  return letters.charAt(randomInt(letters.length)) + randomBytes(12).toString('hex').slice(1)
}
