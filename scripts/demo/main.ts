import { parseArgs } from 'node:util'
import { connect, DemoError } from './people.ts'
import { fill, type Filled } from './fill.ts'
import { createProgressBar } from './progress-bar.ts'

// npm run demo -- [--users N] [--seed N]: fills a running platform with a month of data. It only adds data, so it can
// run more than once.
const usage = 'Usage: npm run demo -- [--users 1 to 5000] [--seed N]'
const { API = 'http://127.0.0.1:3000', ADMIN_PASSWORD: adminPassword } = process.env
const baseUrl = API.replace(/\/+$/, '')

function readArguments (): { users: number, seed: number } {
  try {
    const { values } = parseArgs({ options: { users: { type: 'string' }, seed: { type: 'string' } } })
    const [users, seed] = [Number(values.users ?? 200), Number(values.seed ?? 1)]
    if (Number.isInteger(users) && users >= 1 && users <= 5000 && Number.isSafeInteger(seed)) return { users, seed }
  } catch {}
  throw new DemoError(usage)
}

function show ({ operator, auditor, events, activities, answers, board, player }: Filled, users: number): void {
  const counts = Object.entries(answers).sort(([, a], [, b]) => b - a).map(([answer, count]) => `${count} ${answer}`)
  process.stdout.write(`
${events} events, ${users} players, ${activities} activities; results of claims: ${counts.join(', ')}.

Log in as an operator:  ${operator.email}   ${operator.password}
Log in as an auditor:   ${auditor.email}    ${auditor.password}

Try these requests, for example at ${baseUrl}/docs:
  ${baseUrl}/v1/claims?status=PENDING            claims that await a review
  ${baseUrl}/v1/stats                            the grants, by event and reward
  ${baseUrl}/v1/claims/export                    all claims, for a spreadsheet
  ${baseUrl}/v1/events?group=${board}   an attendance board
  ${baseUrl}/v1/users/${player}/wallet   the wallet of a player
`)
}

try {
  const { users, seed } = readArguments()
  const admin = await connect({ baseUrl, adminPassword })
  const run = Date.now().toString(36)
  show(await fill({ admin, baseUrl, users, seed, run, bar: createProgressBar(process.stdout) }), users)
} catch (error) {
  process.stderr.write(`${error instanceof DemoError ? error.message : String((error as Error).stack)}\n`)
  process.exitCode = 1
}
