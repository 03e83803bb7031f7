import { cpus } from 'node:os'
import type { Fault, Report } from './run-fault.ts'

export interface Row {
  readonly fault: Fault
  readonly report: Report | { readonly skipped: string }
}

const header = `# Faults

What clients see while something fails, and what is lost. \`npm run faults\` writes this page.

Each line starts all servers as processes of their own on a MongoDB replica set with MongoDB's default times, puts load
on the gateway, makes the fault, repairs it, and waits until no request has failed for 2.5 seconds. Then all limited
events are sold out, and the database is compared with every answer: each acknowledged claim, review, activity, coupon
code and account is there exactly once, and no stock is oversold or left over. The load is mixed: claims, reviews,
activities, grants by hand, changes of stock, registrations and logins, by four clients that repeat what failed. A probe
claims and reads every 100 ms and repeats nothing.

- **Failed**: answers with 5xx or 401, and requests without an answer, of all requests from the fault to the end.
- **No claim for**: the longest time in which no claim of the probe was acknowledged.
- **Slowest**: the longest that any client waited for an answer or an error.
- **Well after**: from the repair to the last failure.
- **Lost**: promises that were broken.
`

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** Returns the line of the table. */
export function lineOf ({ fault, report }: Row): string {
  if ('skipped' in report) return `| ${fault.title} | not run: ${report.skipped} | | | | |`
  const { observed: { failures, requests, longestGap, slowest, wellAfter }, violations } = report
  const sorted = [...failures].sort(([, a], [, b]) => b - a)
  const failed = sorted.map(([outcome, count]) => `${outcome} × ${count}`).join(', ')
  const count = requests.toLocaleString('en-US')
  const cells = [
    fault.title,
    `${failed === '' ? 'none' : failed} of ${count}`,
    seconds(longestGap),
    seconds(slowest),
    wellAfter === 0 ? 'at once' : seconds(wellAfter),
    violations.length === 0 ? 'nothing' : `${violations.length} violations`
  ]
  return `| ${cells.join(' | ')} |`
}

/** Returns the page. */
export function faultsPage (rows: readonly Row[], date: string): string {
  const [{ model } = { model: 'unknown' }] = cpus()
  return [
    header,
    `Measured on ${date}: ${cpus().length} × ${model.trim()}, Node.js ${process.versions.node}.`,
    '',
    '| fault | failed | no claim for | slowest | well after | lost |',
    '|---|---|---|---|---|---|',
    ...rows.map(lineOf),
    ''
  ].join('\n')
}
