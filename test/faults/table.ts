import { cpus, loadavg } from 'node:os'
import type { Fault, Report } from './run-fault.ts'

export interface Row {
  readonly fault: Fault
  readonly report: Report | { readonly skipped: string } | { readonly failed: string }
}

const header = `# Faults

What clients see while something fails, and what is lost. \`npm run faults\` writes this page.

Each line starts all servers as processes of their own on a MongoDB replica set with MongoDB's default times, puts load
on the gateway, makes the fault, repairs it, and waits until no request has failed for 2.5 seconds. Then all limited
events are sold out, and the database is compared with every answer: each acknowledged claim, review, activity, coupon
code and account is there exactly once, and no stock is oversold or left over. The load is mixed: claims, reviews,
activities, grants by hand, changes of stock, registrations and logins, by four clients that repeat what failed. A probe
claims, reads the claim that it was granted, and reads the list of events, every 100 ms. It repeats nothing.

- **Failed**: answers with 5xx or 401, and requests without an answer, of all requests from the fault to the end.
- **No claim for**: the longest time in which no claim of the probe was acknowledged.
- **Slowest**: the longest that any client waited for an answer or an error.
- **Well after**: from the repair to the last failure.
- **Lost**: promises that were broken.

What to know:

- A server that is alone is missing until it is started again. Of three event-services, one that is killed costs at most
  the writes that were being sent to it (502). One that hangs costs the requests that were sent to it (504 after ten
  seconds); the others go on.
- Without a primary every write is 503. An election takes ten to twelve seconds. In a partition and with a frozen
  primary it takes MongoDB some more seconds until the other secondary follows the new primary and a majority
  acknowledges.
- A clock that is an hour off makes tokens invalid (401) until it is right again. Logins that were stamped an hour ahead
  reach event-service an hour later, and delay no others.
- If a service breaks off in the middle of an answer, the gateway answers 502. It repeats only reads of which no byte
  has arrived. Clients repeat a claim with the same Idempotency-Key.
`

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** Returns the line of the table. */
export function lineOf ({ fault, report }: Row): string {
  if ('skipped' in report) return `| ${fault.title} | not run: ${report.skipped} | | | | |`
  if ('failed' in report) return `| ${fault.title} | not finished: ${report.failed} | | | | |`
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
    `Measured on ${date}: ${cpus().length} × ${model.trim()}, Node.js ${process.versions.node}, load average`,
    `${loadavg()[1]?.toFixed(1)}. On an idle machine a server starts within about a second.`,
    '',
    '| fault | failed | no claim for | slowest | well after | lost |',
    '|---|---|---|---|---|---|',
    ...rows.map(lineOf),
    ''
  ].join('\n')
}
