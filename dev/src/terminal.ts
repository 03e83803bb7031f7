import { prettyFactory, type PrettyOptions } from 'pino-pretty'

/** The output of the launcher and the servers. */
export interface Terminal {
  /** Writes a log line of a server: JSON in production, otherwise readable text. */
  readonly log: (line: string) => void
  /** Writes a line of the launcher. */
  readonly print: (line: string) => void
  readonly error: (line: string) => void
  readonly box: (title: string, rows: ReadonlyArray<readonly [name: string, value: string]>) => void
}

type Write = (text: string) => void

/** `isProduction`: log lines stay JSON. `hasColors`: for a person's terminal, not for a pipe. */
export function createTerminal (
  { isProduction, hasColors }: { isProduction: boolean, hasColors: boolean }, writeOut: Write, writeError: Write
): Terminal {
  const base = { colorize: hasColors, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname,v' }
  const pretty = prettyFactory({ ...base, singleLine: true })
  const prettyRequest = prettyFactory({ ...base, hideObject: true, messageFormat: formatRequest })
  const bold = (text: string): string => hasColors ? `\u001B[1m${text}\u001B[22m` : text
  return {
    log (line) {
      const record = isProduction ? undefined : parse(line)
      if (record === undefined) writeOut(`${line}\n`)
      else if (record.msg !== 'request') writeOut(pretty(record))
      // A request through the gateway is shown as one line, although its service also logs it.
      else if (record.name === 'gateway' || Number(record.status) >= 500) writeOut(prettyRequest(record))
    },
    print (line) { writeOut(`${line}\n`) },
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

interface LogRecord {
  readonly name?: string
  readonly msg?: string
  readonly status?: number
}

function parse (line: string): LogRecord | undefined {
  try {
    return line.startsWith('{') ? JSON.parse(line) : undefined
  } catch {
    return undefined
  }
}

/** Returns `POST /v1/events 201 12 ms`, and the error code if there is one. */
const formatRequest: NonNullable<PrettyOptions['messageFormat']> = (record, _key, _level, { colors }) => {
  const { method, route, path = route, status, ms, code = '' } = record as Record<string, string | number>
  const paint = Number(status) >= 500 ? colors.red : Number(status) >= 400 ? colors.yellow : colors.green
  return `${method} ${path} ${paint(String(status))} ${ms} ms ${code}`.trimEnd()
}
