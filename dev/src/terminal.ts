import { prettyFactory } from 'pino-pretty'

/** Where the launcher and the servers write to. */
export interface Terminal {
  /** A line of a server's log: JSON in production, else readable. */
  readonly log: (line: string) => void
  /** A line of the launcher's own. */
  readonly say: (line: string) => void
  readonly error: (line: string) => void
  readonly box: (title: string, rows: ReadonlyArray<readonly [name: string, value: string]>) => void
}

type Write = (text: string) => void

/** `isProduction`: log lines stay JSON. `hasColors`: for a person's terminal, not for a pipe. */
export function createTerminal (
  { isProduction, hasColors }: { isProduction: boolean, hasColors: boolean }, writeOut: Write, writeError: Write
): Terminal {
  const pretty = prettyFactory({
    colorize: hasColors,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,v'
  })
  const bold = (text: string): string => hasColors ? `\u001B[1m${text}\u001B[22m` : text
  return {
    log (line) {
      const isRecord = line.startsWith('{')
      writeOut(isProduction || !isRecord ? `${line}\n` : pretty(line))
    },
    say (line) { writeOut(`${line}\n`) },
    error (line) { writeError(`${line}\n`) },
    box (title, rows) {
      const nameWidth = Math.max(...rows.map(([name]) => name.length)) + 3
      const lines = [title, '', ...rows.map(([name, value]) => `${name.padEnd(nameWidth)}${value}`)]
      const width = Math.max(...lines.map(({ length }) => length)) + 2
      const body = lines.map((line, index) => {
        const padding = ' '.repeat(width - line.length - 1)
        return `│ ${index === 0 ? bold(line) : line}${padding}│\n`
      })
      writeOut(`\n┌${'─'.repeat(width)}┐\n${body.join('')}└${'─'.repeat(width)}┘\n\n`)
    }
  }
}
