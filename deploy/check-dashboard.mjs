// Runs every query of the Grafana dashboard and checks every metric of the alerts in a Prometheus that scrapes a
// running platform:   node deploy/check-dashboard.mjs http://127.0.0.1:9090 [SECONDS]
// Waits for data for at most SECONDS (60). Exits with 1 if a panel stays empty or a metric does not exist.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const [prometheus, seconds = '60'] = process.argv.slice(2)
const read = path => readFileSync(new URL(path, import.meta.url), 'utf8')
const { panels } = JSON.parse(read('monitoring/grafana/dashboards/laurel.json'))
const alerts = read('monitoring/alerts.yml')

/** Metrics that only some deployments have: Redis, and a replica set with secondaries. */
const optional = new Set(['laurel_redis_up', 'mongodb_rs_members_optimeDate', 'laurel_unreadable_rows_total'])

async function query (expr) {
  const url = new URL('/api/v1/query', prometheus)
  url.searchParams.set('query', expr.replaceAll('$__rate_interval', '10m'))
  const { status, error, data } = await (await fetch(url)).json()
  if (status !== 'success') throw new Error(`${expr}: ${error}`)
  return data.result.filter(({ value: [, value] }) => value !== 'NaN')
}

const checks = [
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [`panel '${title}': ${expr}`, expr])),
  ...new Set(alerts.match(/\b(laurel|nodejs|process|mongodb)_\w+/g))
].map(check => typeof check === 'string' ? [`alerts: ${check}`, `count(${check})`, check] : check)
  .filter(([, , metric]) => !optional.has(metric))

const givesUpAt = Date.now() + Number(seconds) * 1000
let missing
do {
  missing = []
  for (const [what, expr] of checks) if ((await query(expr)).length === 0) missing.push(what)
  if (missing.length > 0) await sleep(2000)
} while (missing.length > 0 && Date.now() < givesUpAt)

for (const what of missing) console.log(`no data: ${what}`)
console.log(`${checks.length - missing.length} of ${checks.length} queries have data`)
process.exit(missing.length === 0 ? 0 : 1)
