/**
 * Command and arguments of a process that starts as a user starts it. Tap preloads its coverage, by NODE_OPTIONS, into
 * all that a test starts: what is not counted would only take twice as long to start, and run slower.
 */
export function plainly (command: string, args: readonly string[]): [command: string, args: string[]] {
  return ['env', ['-u', 'NODE_OPTIONS', command, ...args]]
}
