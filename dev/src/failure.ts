/** A start that cannot go on for a reason the reader can act on: it is shown as its one line, without a stack. */
export class StartFailure extends Error {}

/** The sentence inside whatever was thrown. */
export function messageOf (thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The system's code (`ENOENT`, `EADDRINUSE`, …) of an error that has one. */
export function codeOf (thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}
