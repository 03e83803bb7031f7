import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { filledDocuments, fillReadme } from '../dev/src/readme.ts'
import { password } from './kit/auth.ts'
import { plainly } from './kit/plainly.ts'
import { startPlatform } from './kit/platform.ts'

const run = promisify(execFile)

t.test('the story of the README runs as it is printed', async t => {
  const { urls } = await startPlatform(t)
  const story = 'for part in examples/*.sh; do echo "== $part"; . "$part"; done'
  const { stdout, stderr } = await run(...plainly('bash', ['--norc', '-euo', 'pipefail', '-c', story]), {
    env: { PATH: process.env['PATH'], API: urls.gateway, ADMIN_PASSWORD: password }
  })
  t.equal(stderr, '')
  const [people = '', event = '', claim = '', audit = '', attendance = '', review = '', coupons = ''] = stdout.split(/^== .*\n/m).slice(1)
  t.match(people, /"role":"OPERATOR"[^]*"role":"AUDITOR"/, 'two people got their roles')
  t.match(event, /"amount":500[^]*"status":"ACTIVE"/, 'the event has its reward and is on')
  t.match(claim, /"eligible":true[^]*"status":"GRANTED"[^]*"code":"ALREADY_CLAIMED"[^]*"points":500/, 'granted once')
  t.match(attendance, /"accepted":7[^]*"itemId":"golden-laurel"[^]*Visit on 7 days in a row[^]*"current":7/, 'seven days in a row')
  t.match(review, /"status":"PENDING"[^]*"id":"visit-6"[^]*"to":"GRANTED"[^]*"quantity":1[^]*"action":"approveClaim"/, 'looked at, then granted')
  t.match(coupons, /"added":2,"duplicates":1[^]*"couponCode":"COFFEE-[^]*"couponCode":"COFFEE-[^]*"code":"OUT_OF_STOCK"[^]*"direction":"CREDIT"[^]*"remaining":0/, 'two coupons, and no third')
  t.match(audit, /"status":"GRANTED"[^]*"status":403/, 'the auditor reads and changes nothing')
})

t.test('the documents show the scripts and the operations as they are', async t => {
  for (const file of filledDocuments) {
    const text = readFileSync(file, 'utf8')
    t.equal(fillReadme(text, path => readFileSync(path, 'utf8')), text, `${file}: npm run readme`)
  }
})
