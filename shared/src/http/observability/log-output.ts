import { pino } from 'pino'

const stdout = pino.destination({ dest: 1, sync: true })
let buffered = ''

function write (line: string): void {
  if (buffered === '') setImmediate(flushSync)
  buffered += line
}

function flushSync (): void {
  if (buffered !== '') stdout.write(buffered)
  buffered = ''
}

process.on('exit', flushSync)

/**
 * Standard output, written once per iteration of the event loop: under load, one system call writes many lines. All
 * lines are written by the end of the iteration, or when the process exits.
 */
export const logOutput = { write, flushSync }
