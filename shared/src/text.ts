// Control characters, surrogates, white space, combining marks, and characters that are rendered as nothing, such as
// U+00AD, U+200B and U+3164 (UAX 44, Default_Ignorable_Code_Point). U+2800 is a braille pattern without dots.
const visible = /[^\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u

/** Returns `true` if the text has a character that a person can see. */
export function hasVisibleCharacter (text: string): boolean {
  return visible.test(text)
}

/**
 * Returns the form in which strings are compared and searched: Unicode NFC, in lower case. Text is stored as it was
 * sent, and the same word can be sent composed (NFC) or decomposed (NFD).
 */
export function toSearchForm (text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC')
}

/**
 * Returns a regular expression that finds a string in names, whether they are stored in Unicode NFC or NFD. Its
 * characters have no special meaning.
 */
export function searchPattern (text: string): string {
  const characters = [...text.normalize('NFC')].map(composed => {
    const decomposed = composed.normalize('NFD')
    if (decomposed === composed) return escapeRegExp(composed)
    return `(?:${escapeRegExp(composed)}|${escapeRegExp(decomposed)})`
  })
  return characters.join('') + notInsideCharacter
}

// A match must not end inside a decomposed character, before an accent, a Hangul vowel or final, or a kana mark.
const notInsideCharacter = '(?![\u0300-\u036F\u1160-\u11FF\u3099\u309A])'

function escapeRegExp (text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
