import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { createProgressBar } from '../../scripts/demo/progress-bar.ts'
import { password } from '../kit/servers/auth.ts'
import { plainly } from '../kit/servers/plainly.ts'
import { login, type SignedIn } from '../kit/servers/platform.ts'
import { sharedPlatform } from '../kit/servers/shared-platform.ts'

const run = promisify(execFile)

/** Runs `npm run demo -- …` with this environment. */
async function runDemo (args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  const command = `${scripts.demo as string} ${args.join(' ')}`
  const { stdout } = await run(...plainly('bash', ['--norc', '-c', command]), {
    env: { PATH: process.env['PATH'], ...env }
  })
  return stdout
}

/** Returns the newest events, accounts and clients. */
async function dataOf ({ client }: SignedIn): Promise<object> {
  return [await client.listEvents(), await client.listUsers(), await client.listClients()].map(({ data }) => data)
}

t.test('npm run demo fills the platform, and fills it again', async t => {
  const { urls, call, admin } = await sharedPlatform()
  const env = { API: urls.gateway, ADMIN_PASSWORD: password }
  for (const [times, users] of [[1, 30], [2, 10]] as const) {
    const shown = await runDemo(['--users', `${users}`], times === 1 ? env : { ...env, API: `${urls.gateway}/` })
    const bars = `Events +40\nPlayers +${users}\nActivities, .* \\d+\nClaims +${users}\nReviews +4\n`
    t.match(shown, new RegExp(`^${bars}\n40 events, ${users} players, `))
    t.match(shown, /results of claims: [^\n]*\d+ GRANTED/)
    const [, email = '', secret = ''] = /operator: +(\S+) +(\S+)/.exec(shown) ?? []
    t.equal((await login(urls.gateway, email, secret)).user.role, 'OPERATOR')
    for (const url of shown.match(/http\S+\/v1\/\S+/g) ?? []) {
      const { status, body } = await call('GET', url.slice(urls.gateway.length), { token: admin.token })
      t.equal(status, 200, url)
      // With few players, it is possible that none of them claims an event with reviews.
      if (!url.includes('PENDING')) t.ok(JSON.stringify(body).length > 100, `${url} shows something`)
    }
    const { length } = (await admin.client.getStats()).data
    t.ok(length > 30 * times, `${length} events with claims`)
  }
})

t.test('npm run demo reports an error and changes nothing', async t => {
  const { urls, admin } = await sharedPlatform()
  const env = { API: urls.gateway, ADMIN_PASSWORD: password }
  const before = await dataOf(admin)
  for (const [args, changed, stderr] of [
    [[], { ADMIN_PASSWORD: 'canary' }, /^Wrong ADMIN password\. [^\n]+\n$/],
    [[], { API: 'http://127.0.0.1:9' }, /^The platform is not running at http:\/\/127\.0\.0\.1:9\. [^\n]+\n$/],
    [['--users', '0'], {}, /^Usage: npm run demo [^\n]+\n$/],
    [['--people', '3'], {}, /^Usage: npm run demo [^\n]+\n$/]
  ] as const) {
    await t.rejects(runDemo(args, { ...env, ...changed }), { code: 1, stderr, stdout: '' })
  }
  t.strictSame(await dataOf(admin), before)
})

t.test('on a terminal, the demo draws a progress bar', async t => {
  const written: string[] = []
  const bar = createProgressBar({ isTTY: true, write: text => written.push(text) })
  await bar.forEach('Players', ['a', 'b'], async () => undefined)
  await bar.forEach('Nobody', [], async () => undefined)
  t.match(written, [/^\rPlayers +░{30} 0\/2$/, /█{15}░{15} 1\/2$/, /█{30} 2\/2\n$/, /^\rNobody +█{30} 0\/0\n$/])
})
