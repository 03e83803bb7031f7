import { cpus, loadavg } from 'node:os'
import type { Fault, Report } from './run-fault.ts'

export interface Row {
  readonly fault: Fault
  readonly report: Report | { readonly skipped: string } | { readonly failed: string }
}

const header = `# Faults

What clients see while a component fails, and what data is lost. \`npm run faults\` generates this page.

For each row, the program starts all servers as separate processes on a MongoDB replica set with default timeouts, puts
the gateway under load, injects the fault, repairs it, and waits until no request has failed for 2.5 seconds. Then it
claims all remaining limited rewards and compares the database with every response: each acknowledged claim, review,
activity, coupon code and account must exist exactly once, and no stock may be oversold or left over. The load is mixed:
four clients send claims, reviews, activities, manual grants, stock changes, registrations and logins, and retry failed
requests. In addition, a probe makes a claim, reads it, and reads the list of events every 100 ms. The probe never
retries.

- **Failed**: responses with 5xx or 401, and requests without a response, out of all requests from the fault until the
  end of the measurement.
- **No claim for**: the longest time during which no claim of the probe was acknowledged.
- **Slowest**: the longest time that a client waited for a response or an error.
- **Recovered after**: the time from the repair to the last failed request.
- **Lost**: guarantees that were violated.

Notes:

- If a service has only one instance, it is unavailable until that instance is restarted. If one of three instances of
  event-service is killed, only the writes in flight to it fail (502). If one of three hangs, the requests that were
  sent to it fail (504 after ten seconds), and the other instances continue to work.
- Without a primary, every write fails with 503. An election takes ten to twelve seconds. After a partition, or if the
  primary is frozen, MongoDB needs a few more seconds until the other secondary follows the new primary and a majority
  acknowledges writes.
- If a clock is off by an hour, tokens are invalid (401) until the clock is correct again. Logins that were recorded
  with a time one hour ahead reach event-service one hour later, but do not delay other logins.
- If a service breaks the connection in the middle of a response, the gateway responds with 502. It retries only
  reads for which no byte has arrived, and requests that no service has processed. A client can repeat a claim with the
  same Idempotency-Key.
`

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** Returns a row of the table. */
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
    wellAfter === 0 ? 'immediately' : seconds(wellAfter),
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
    '| fault | failed | no claim for | slowest | recovered after | lost |',
    '|---|---|---|---|---|---|',
    ...rows.map(lineOf),
    ''
  ].join('\n')
}
