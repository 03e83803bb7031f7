import t from 'tap'
import { activitiesOfLogin, visitWindow } from '../src/domain/activities.ts'
import { isCommonPassword } from '../src/domain/common-passwords.ts'
import { newUser } from '../src/domain/new-user.ts'
import { preHash } from '../src/domain/password.ts'
import { changeAccount, checkNewPassword, givesUpAdmin, normaliseEmail, weaknessOf } from '../src/domain/user.ts'

const at = new Date('2026-11-21T09:00:00.000Z')
const given = { email: 'kim@example.com', name: null, role: 'USER', invitedBy: null, passwordHash: 'a hash', at } as const
const person = newUser(given)

t.test('one address has one spelling: composed and in lower case', async t => {
  t.equal(normaliseEmail('KIM@Example.COM'), 'kim@example.com')
  t.equal(normaliseEmail('re\u0301ne\u0301@example.com'), 'r\u00e9n\u00e9@example.com')
  t.equal(normaliseEmail('r\u00c9n\u00c9@example.com'), 'r\u00e9n\u00e9@example.com')
})

t.test('a password has 8 to 256 characters, is not a common one and not the address', async t => {
  const weakness = (password: string): string | undefined => weaknessOf(password, 'kim@example.com')
  for (const good of ['a long walk', '8 chars!', 'x'.repeat(255) + 'y', '🏖🌊🏖🌊🏖🌊🏖🌊', 'kim@example.com!', 'password of mine']) t.equal(weakness(good), undefined, good)
  for (const length of [0, 1, 7, 257]) t.equal(weakness('xy'.repeat(length).slice(0, length)), 'must have 8 to 256 characters', String(length))
  t.equal(weakness('🏖🌊🏖🌊🏖🌊🏖'), 'must have 8 to 256 characters', 'characters, not code units')
  for (const common of ['password', 'PassWord1', '12345678', '        ', '🏖'.repeat(8)]) t.equal(weakness(common), 'is one of the most common passwords', common)
  t.equal(weakness('KIM@example.com'), 'must not be the e-mail address')
  t.throws(() => { checkNewPassword('password', 'kim@example.com', '/newPassword') }, {
    name: 'DomainError', kind: 'invalid', extras: { errors: [{ pointer: '/newPassword', detail: 'is one of the most common passwords' }] }
  })
  t.doesNotThrow(() => { checkNewPassword('a long walk', 'kim@example.com') })
})

t.test('a common password is found however its letters are composed', async t => {
  t.equal(isCommonPassword('contrase\u00f1a'), true)
  t.equal(isCommonPassword('CONTRASEN\u0303A'), true)
  t.equal(isCommonPassword('contrasena y mas'), false)
})

t.test('what bcrypt is given is short, without NUL, and depends on every character', async t => {
  for (const password of ['', 'a', 'a\0b', 'x'.repeat(256)]) t.match(preHash(password), /^[A-Za-z0-9+/]{43}=$/)
  t.not(preHash('a\0b'), preHash('a\0c'))
  t.not(preHash(`${'x'.repeat(72)}y`), preHash(`${'x'.repeat(72)}z`))
  t.equal(preHash('e\u0301'), preHash('\u00e9'))
  t.equal(preHash('a long walk by the sea'), 'J39E+7vz2xVkSLSakSSg7VSX/4Ri7k75MhAzxeAUxJU=', 'as it always was: stored hashes go on counting')
})

t.test('a new user is active, of version 1, and has an id and a code of its own', async t => {
  t.strictSame(person, {
    id: person.id, email: 'kim@example.com', name: null, role: 'USER', invitedBy: null, passwordHash: 'a hash', status: 'ACTIVE', referralCode: person.referralCode, createdAt: at, version: 1
  })
  const many = Array.from({ length: 1000 }, () => newUser(given))
  t.equal(new Set(many.map(({ id }) => id)).size, 1000)
  t.equal(new Set(many.map(({ referralCode }) => referralCode)).size, 1000)
  t.ok(many.every(({ referralCode }) => /^[2-9A-HJ-NP-Z]{10}$/.test(referralCode)), 'nothing that is read as something else')
  t.match(person.id, /^[0-9a-f]{24}$/)
})

t.test('a login tells that it happened and which visit it belongs to', async t => {
  const visitedAt = new Date(at.getTime() - visitWindow + 1)
  const login = { sessionId: 's1', userId: 'u1', invitedBy: null, at, visitedAt, firstLoginAt: at }
  t.strictSame(activitiesOfLogin(login), [
    { id: 'login-s1', userId: 'u1', type: 'user.login', occurredAt: at },
    { id: `visit-${visitedAt.getTime()}`, userId: 'u1', type: 'user.visited', occurredAt: visitedAt }
  ])
  const [, visit] = activitiesOfLogin({ ...login, sessionId: 's2', at: new Date(at.getTime() + 1) })
  t.equal(visit?.id, `visit-${visitedAt.getTime()}`, 'another login of the same visit names the same fact')
})

t.test('every login of an invited user names the same invitation, as of the first login', async t => {
  const firstLoginAt = new Date('2026-11-01T00:00:00.000Z')
  const tell = (sessionId: string) => activitiesOfLogin({ sessionId, userId: 'u1', invitedBy: 'friend', at, visitedAt: at, firstLoginAt })[2]
  t.strictSame(tell('s1'), { id: 'invited-u1', userId: 'friend', type: 'friend.invited', occurredAt: firstLoginAt, data: { inviteeId: 'u1' } })
  t.strictSame(tell('s2'), tell('s1'))
})

t.test('only what keeps an ADMIN from signing in as one takes an ADMIN away', async t => {
  const admin = { ...person, role: 'ADMIN' } as const
  const disabled = { ...admin, status: 'DISABLED' } as const
  t.same([givesUpAdmin(admin, { ...admin, role: 'USER' }), givesUpAdmin(admin, disabled), givesUpAdmin(admin, admin)], [true, true, false])
  t.same([givesUpAdmin(person, admin), givesUpAdmin(disabled, person), givesUpAdmin(disabled, admin)], [false, false, false])
})

t.test('a change of nothing is the same user; any other makes a new version', async t => {
  t.equal(changeAccount(person, {}), person)
  t.equal(changeAccount(person, { role: 'USER', status: 'ACTIVE' }), person)
  t.strictSame(changeAccount(person, { role: 'OPERATOR' }), { ...person, role: 'OPERATOR', version: 2 })
  t.strictSame(changeAccount(person, { status: 'DISABLED' }), { ...person, status: 'DISABLED', version: 2 })
})
