import { availableParallelism } from 'node:os'
import t from 'tap'
import { password, startAuth } from '../../test/kit/auth.ts'
import { hashPassword, unmatchableHash, verifyPassword } from '../src/domain/password.ts'
import work from '../src/password-worker.ts'
import { createPasswords } from '../src/passwords.ts'

const auth = await startAuth(t, { BCRYPT_COST: '10' })
const passwords = createPasswords(4, 1)
t.teardown(passwords.close)

t.test('the server goes on answering while a password is compared at cost 12', async t => {
  const { id, email } = await auth.register()
  await auth.users.updateOne({ _id: id }, { $set: { passwordHash: unmatchableHash(12) } })
  const login = auth.tryLogin(email)
  let answered = 0
  while (await Promise.race([login, auth.call('GET', '/health/live').then(() => undefined)]) === undefined) answered += 1
  t.equal((await login).status, 401)
  t.ok(answered > 20, `${answered} requests were answered meanwhile`)
})

t.test('401: an unknown address and a disabled account cost a whole hash, as a wrong password does', async t => {
  const user = await auth.register()
  const disabled = await auth.register()
  await auth.users.updateOne({ _id: disabled.id }, { $set: { status: 'DISABLED' } })

  // Time on the processor of all threads together: waiting for others on this machine does not count.
  async function workOf (task: () => unknown): Promise<number> {
    const tries: number[] = []
    for (let round = 0; round < 3; round++) {
      const before = process.cpuUsage()
      await task()
      tries.push(process.cpuUsage(before).user)
    }
    return Math.min(...tries)
  }
  const wholeHash = await workOf(() => verifyPassword('wrong', unmatchableHash(10)))
  for (const [who, email, given] of [
    ['unknown', 'nobody@example.com', 'wrong'], ['wrong', user.email, 'wrong'], ['disabled', disabled.email, 'wrong'], ['disabled and right', disabled.email, password]
  ] as const) {
    const work = await workOf(async () => await auth.tryLogin(email, given))
    t.ok(work > wholeHash / 3, `${who}: ${work} µs, where a hash takes ${wholeHash} µs`)
  }
})

t.test('a login renews a hash that was made at a lower cost, and no other', async t => {
  const { id, email } = await auth.register()
  const hashOf = async (): Promise<string> => (await auth.users.findOne({ _id: id }))?.['passwordHash']
  const before = await hashOf()
  await auth.login(email)
  t.equal(await hashOf(), before)
  await auth.users.updateOne({ _id: id }, { $set: { passwordHash: hashPassword(password, 5) } })
  t.equal((await auth.tryLogin(email, 'wrong')).status, 401)
  t.match(await hashOf(), /^\$2b\$05\$/, 'a wrong password renews nothing')
  await auth.login(email)
  t.match(await hashOf(), /^\$2b\$10\$/)
  await auth.login(email)
  t.match(await auth.users.findOne({ _id: id }), { passwordChangedAt: undefined }, 'and the password is the same one')
  await auth.users.updateOne({ _id: id }, { $set: { passwordHash: hashPassword(password, 11) } })
  await auth.login(email)
  t.match(await hashOf(), /^\$2b\$11\$/)
})

t.test('503: what would wait too long is asked to come back, and the others are answered', async t => {
  const tooMany = availableParallelism() * 17 + 150
  const answers = await Promise.all(Array.from({ length: tooMany }, async (_, n) => await auth.tryLogin(`nobody-${n}@example.com`)))
  const refused = answers.filter(({ status }) => status === 503)
  t.ok(refused.length > 0, `${refused.length} of ${tooMany}`)
  for (const { headers, body } of refused) t.match([headers.get('retry-after'), body.code], ['2', 'TOO_BUSY'])
  t.equal(answers.filter(({ status }) => status === 401).length, tooMany - refused.length)
})

t.test('as many wait as 16 for each thread, and the next is refused at once', async t => {
  const results = await Promise.allSettled(Array.from({ length: 50 }, async () => await passwords.hash('a password')))
  const hashes = results.flatMap(result => result.status === 'fulfilled' ? [result.value] : [])
  const reasons = results.flatMap(result => result.status === 'rejected' ? [result.reason] : [])
  t.ok(hashes.length >= 16 && hashes.length <= 17, `${hashes.length} were taken`)
  t.match(reasons, reasons.map(() => ({ name: 'DomainError', kind: 'unavailable', code: 'TOO_BUSY', extras: { retryAfter: 2 } })))
  t.equal(await passwords.matches('a password', hashes[0]), true, 'and later there is room again')
})

t.test('where a hash takes long fewer may wait, and one always may', async t => {
  const slow = createPasswords(10, 1, 250)
  t.teardown(slow.close)
  await slow.hash('a password')
  const results = await Promise.allSettled(Array.from({ length: 14 }, async () => await slow.hash('a password')))
  const refused = results.filter(({ status }) => status === 'rejected')
  t.match(refused[0], { reason: { code: 'TOO_BUSY' } })
  t.ok(refused.length <= 12, `${refused.length} of 14 were refused`)
})

t.test('a hash matches its own password only, and says at what cost it was made', async t => {
  const [hash, again] = [await passwords.hash('a password'), await passwords.hash('a password')]
  t.match(hash, /^\$2b\$04\$/)
  t.not(hash, again, 'each has its own salt')
  t.equal(await passwords.matches('a password', hash), true)
  t.equal(await passwords.matches('a passworD', hash), false)
  t.equal(await passwords.matches('a password', undefined), false)
})

// The threads are not watched for coverage, so what runs in them is also called here.
t.test('a worker hashes without a hash and compares with one', async t => {
  const hash = String(work({ password: 'a password', cost: 4 }))
  t.equal(work({ password: 'a password', cost: 4, hash }), true)
  t.equal(work({ password: 'another one', cost: 4, hash }), false)
  t.equal(verifyPassword('a password', hash), true)
})

t.test('the hash of nobody is a whole one of the same cost, so comparing with it takes as long', async t => {
  t.match(unmatchableHash(4), /^\$2b\$04\$[./A-Za-z0-9]{53}$/)
  t.match(unmatchableHash(12), /^\$2b\$12\$[./A-Za-z0-9]{53}$/)
  t.equal(verifyPassword('a password', unmatchableHash(4)), false)
})
