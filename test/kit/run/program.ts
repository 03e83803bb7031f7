import { StartupError } from '@laurel/shared/errors'

/**
 * Runs a program and exits with the code that it returns, with 130 if it was halted, and otherwise with 1 if it throws:
 * a `StartupError` is shown as one line, any other error with its stack.
 */
export async function runProgram (main: () => Promise<number>, halted: AbortSignal): Promise<never> {
  try {
    process.exit(await main())
  } catch (error) {
    if (halted.aborted) process.exit(130)
    process.stdout.write(`${error instanceof StartupError ? error.message : String((error as Error).stack)}\n`)
    process.exit(1)
  }
}
