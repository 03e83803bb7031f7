/**
 * Returns a regular expression that finds a text in names, whether they are stored in Unicode NFC or NFD.
 * Its characters have no special meaning.
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
