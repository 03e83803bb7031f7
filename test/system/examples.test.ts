import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { filledDocuments, fillReadme } from '../../scripts/readme.ts'
import { password } from '../kit/servers/auth.ts'
import { startedEvent } from '../kit/servers/events.ts'
import { plainly } from '../kit/servers/plainly.ts'
import { sharedPlatform } from '../kit/servers/shared-platform.ts'

const run = promisify(execFile)

/** Returns the command that `npm run NAME` runs. */
function scriptOf (name: string): string {
  return JSON.parse(readFileSync('package.json', 'utf8')).scripts[name]
}

/** Runs `npm run story` with this environment. Returns all that it prints. */
async function tellStory (env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run(...plainly('bash', ['--norc', '-c', `${scriptOf('story')} 2>&1`]), {
    env: { PATH: process.env['PATH'], ...env }
  })
  return stdout
}

t.test('npm run story shows each step with its requests, statuses and a few fields', async t => {
  const { urls } = await sharedPlatform()
  const story = await tellStory({ API: urls.gateway, ADMIN_PASSWORD: password })
  for (const [pattern, message] of [
    [/role OPERATOR\n[^]*role AUDITOR\n/, 'two people get their roles'],
    [/amount 500\n[^]*status ACTIVE\n/, 'the event has a reward and is active'],
    [/eligible true[^]*201 {2}status GRANTED[^]*409 {2}code ALREADY_CLAIMED[^]*points 500\n/, 'granted once'],
    [/entries 1 {2}status GRANTED[^]*403 {2}code FORBIDDEN/, 'the auditor reads and changes nothing'],
    [/accepted 7[^]*itemId golden-laurel[^]*en Visit on 7 days in a row {2}current 7/, 'seven days in a row'],
    [/status PENDING[^]*status GRANTED[^]*quantity 1[^]*action approveClaim/, 'reviewed, then granted'],
    [/added 2 {2}duplicates 1[^]*(?:couponCode COFFEE-[^]*){2}code OUT_OF_STOCK/, 'two coupons, no third'],
    [/direction CREDIT[^]*remaining 0\n/, 'the ledger and the numbers of the event'],
    [/entries 4 {2}name Day 3 {2}eligible true\n[^]*status GRANTED {2}status GRANTED {2}status GRANTED\n/, 'a board'],
    [/claims +201 {2}status GRANTED {2}itemId winter-cape\n/, 'the reward for the whole board'],
    [/email k\*\*\*@[^]*accepted 2 {2}0 nobody/, 'a masked email address, and a dry run'],
    [/accepted 2 {2}0 nobody {2}detail Line 4: occurredAt [^]*accepted 1 {2}duplicates 0/, 'an import'],
    [/users 1 {2}eligible 1 {2}units 1 {2}amount 20\n +1 GRANTED\n/, 'grant-eligible.sh grants to Kim'],
    [/code ALREADY_CLAIMED {2}code USER_NOT_FOUND\n[^]*status PENDING\n[^]*status GRANTED\n/, 'a list, and reviews'],
    [/status REVOKED\n[^]*export[^]*stats/, 'a revocation, an export and totals'],
    [/stats[^]*paused true[^]*503 {2}code PAUSED\n[^]*paused false/, 'a pause']
  ] as const) t.match(story, pattern, message)
  t.notMatch(story, '\u001B', 'a pipe gets no colors')

  await t.rejects(tellStory({ API: urls.gateway, ADMIN_PASSWORD: 'canary' }), {
    code: 1, stdout: /\nWrong ADMIN password\. [^\n]+\n$/
  })
  await t.rejects(tellStory({ API: 'http://127.0.0.1:9', ADMIN_PASSWORD: password }), {
    code: 1, stdout: /\nThe platform is not running at http:\/\/127\.0\.0\.1:9\. [^\n]+\n$/
  })
})

t.test('grant-eligible.sh names a missing argument, and leaves no files behind when a request fails', async t => {
  const temporary = t.testdir()
  const [api, token] = [{ API: 'http://127.0.0.1:1' }, { TOKEN: 'x' }]
  for (const [args, env, message] of [
    [[], { ...api, ...token }, 'EVENT_ID'], [['e1'], { ...api, ...token }, 'REASON'],
    [['e1', 'why'], token, 'API'], [['e1', 'why'], api, 'TOKEN'], [['e1', 'why'], { ...api, ...token }, 'curl']
  ] as const) {
    const options = { env: { PATH: process.env['PATH'], TMPDIR: temporary, ...env } }
    const failed = run('bash', ['examples/grant-eligible.sh', ...args], options)
    t.match(await failed.catch(error => error.stderr), new RegExp(message))
  }
  t.same(readdirSync(temporary), [])
})

t.test('npm run story:client claims with @laurel/client, and the second claim is refused', async t => {
  const { urls, admin } = await sharedPlatform()
  const { id } = await admin.client.createEvent(startedEvent({
    aggregation: 'active_days', activity: 'user.visited', target: 1
  }))
  const { stdout } = await run(...plainly('bash', ['--norc', '-c', scriptOf('story:client')]), {
    env: { PATH: process.env['PATH'], API: urls.gateway, EVENT: id }
  })
  t.match(stdout.split('\n'), [
    'first claim: GRANTED, 500 points',
    /^second claim: ALREADY_CLAIMED, granted at \d{4}-\d\d-\d\dT/,
    'wallet: 500 points',
    ''
  ])
})

t.test('the documents contain the current scripts and operations', async t => {
  for (const file of filledDocuments) {
    const text = readFileSync(file, 'utf8')
    t.equal(fillReadme(text, path => readFileSync(path, 'utf8')), text, `${file}: npm run readme`)
  }
})
