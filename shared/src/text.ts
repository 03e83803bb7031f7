// Controls, surrogates, blanks, marks without a letter, and what Unicode renders as nothing, such as U+00AD, U+200B and
// U+3164 (UAX 44, Default_Ignorable_Code_Point). U+2800 is a braille pattern without dots.
const visible = /[^\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u

/** Returns `true` if the text has a character that a person can see. */
export function hasVisibleCharacter (text: string): boolean {
  return visible.test(text)
}

/**
 * Returns the form in which texts are compared and searched: Unicode NFC, in lower case. Text is stored as it was sent,
 * and the same word can be sent composed (NFC) or decomposed (NFD).
 */
export function toSearchForm (text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC')
}
