// Blank letters that Unicode does not count as spaces: Hangul fillers, the blank of Braille.
const blankLetters = '\u115F\u1160\u3164\uFFA0\u2800'

// Everything but spaces, controls, characters of format such as U+200B and U+00AD, lone surrogates and marks.
const visible = new RegExp(`[^\\p{Z}\\p{Cc}\\p{Cf}\\p{Cs}\\p{M}${blankLetters}]`, 'u')

/** Whether a person can see anything of a text. */
export function isVisibleText (text: string): boolean {
  return visible.test(text)
}
