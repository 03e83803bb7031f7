import { mkdirSync, writeFileSync } from 'node:fs'

/** Keeps the report of a run where the next reader looks for it, and prints it. */
export function saveReport (name: string, text: string): void {
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(`bench/results/${name}.md`, text)
  process.stdout.write(text)
}
