import { mkdirSync, writeFileSync } from 'node:fs'

/** Writes the report to bench/results and prints it. */
export function saveReport (name: string, text: string): void {
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(`bench/results/${name}.md`, text)
  process.stdout.write(text)
}
