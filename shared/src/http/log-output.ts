import { pino } from 'pino'

const output = pino.destination({ dest: 1, sync: true })
let waiting = ''

function write (line: string): void {
  if (waiting === '') setImmediate(flushSync)
  waiting += line
}

function flushSync (): void {
  if (waiting !== '') output.write(waiting)
  waiting = ''
}

process.on('exit', flushSync)

/**
 * Standard output, written once a turn of the event loop: under load one system call for many lines, and by the end of the
 * turn, or of the process, all of them are out.
 */
export const logOutput = { write, flushSync }
