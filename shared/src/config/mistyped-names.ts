/** A name counts as mistyped if it has at most one wrong character for every six characters. */
const charactersPerMistake = 6
/** Names of other standards that resemble ours. Servers that use OpenTelemetry may have them. */
const otherNames = new Set(['OTEL_TRACES_SAMPLER'])

/**
 * Returns the environment variables that look like a mistyped setting, each with the name that was probably meant.
 * Other programs' variables are ignored, however they are spelled.
 */
export function findMistypedNames (
  env: NodeJS.ProcessEnv, settingNames: readonly string[]
): Array<readonly [name: string, meant: string]> {
  const known = new Set(settingNames.flatMap(name => [name, `${name}_FILE`]))
  return Object.keys(env).filter(name => !known.has(name) && !otherNames.has(name)).flatMap(name => {
    const meant = known.has(`${name}_FILE`) ? `${name}_FILE` : settingNames.find(setting => isSimilar(name, setting))
    return meant === undefined ? [] : [[name, meant] as const]
  })
}

function isSimilar (name: string, setting: string): boolean {
  const [actual, expected] = [normalizeName(name), normalizeName(setting)]
  const maxDistance = Math.floor(expected.length / charactersPerMistake)
  if (maxDistance === 0 || Math.abs(actual.length - expected.length) > maxDistance) return false
  return editDistance(actual, expected) <= maxDistance
}

function normalizeName (name: string): string {
  return name.replaceAll('_', '').toUpperCase()
}

/** Returns how many characters must be inserted, deleted or replaced to turn `a` into `b` (Levenshtein distance). */
function editDistance (a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [row, char] of [...a].entries()) {
    const current = [row + 1]
    for (const [column, other] of [...b].entries()) {
      const replaced = Number(previous[column]) + (char === other ? 0 : 1)
      current.push(Math.min(replaced, Number(previous[column + 1]) + 1, Number(current[column]) + 1))
    }
    previous = current
  }
  return Number(previous.at(-1))
}
