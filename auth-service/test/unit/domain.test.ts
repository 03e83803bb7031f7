import t from 'tap'
import { changeAccount, changePassword, deleteAccount } from '../../src/domain/account-change.ts'
import { isCommonPassword } from '../../src/domain/common-passwords.ts'
import { createUser } from '../../src/domain/new-user.ts'
import { checkNewPassword, findWeakness } from '../../src/domain/password-rules.ts'
import { hasInviter, loginActivities, visitWindowStart } from '../../src/domain/platform-activity.ts'
import { maySignIn, normalizeEmail } from '../../src/domain/user.ts'

const at = new Date('2026-11-21T09:00:00.000Z')
const given = {
  email: 'kim@example.com', name: null, role: 'USER', invitedBy: null, passwordHash: 'a hash', at
} as const
const user = createUser(given)
const admin = { ...user, role: 'ADMIN' } as const
const disabledAdmin = { ...admin, status: 'DISABLED' } as const

t.test('an address is normalized: NFC and lower case', async t => {
  t.equal(normalizeEmail('KIM@Example.COM'), 'kim@example.com')
  t.equal(normalizeEmail('re\u0301ne\u0301@example.com'), 'r\u00e9n\u00e9@example.com')
  t.equal(normalizeEmail('r\u00c9n\u00c9@example.com'), 'r\u00e9n\u00e9@example.com')
})

t.test('a password has 8 to 256 characters, and is neither a common one nor the address', async t => {
  const weaknessOf = (password: string): string | undefined => findWeakness(password, 'kim@example.com')
  for (const strong of [
    'a long walk', '8 chars!', 'x'.repeat(255) + 'y', '🏖🌊🏖🌊🏖🌊🏖🌊', 'kim@example.com!', 'password of mine'
  ]) t.equal(weaknessOf(strong), undefined, strong)
  for (const length of [0, 1, 7, 257]) {
    t.equal(weaknessOf('xy'.repeat(length).slice(0, length)), 'must have 8 to 256 characters', String(length))
  }
  t.equal(weaknessOf('🏖🌊🏖🌊🏖🌊🏖'), 'must have 8 to 256 characters', 'characters, not code units')
  for (const common of ['password', 'PassWord1', '12345678', '        ', '🏖'.repeat(8)]) {
    t.equal(weaknessOf(common), 'is one of the most common passwords', common)
  }
  t.equal(weaknessOf('KIM@example.com'), 'must not be the email address')
  t.equal(findWeakness('KIM@example.com', null), undefined, 'without an address, there is nothing to compare')
})

t.test('400: a weak new password is refused with its field', async t => {
  const errors = [{ pointer: '/newPassword', detail: 'is one of the most common passwords' }]
  t.throws(() => { checkNewPassword('password', 'kim@example.com', '/newPassword') }, {
    name: 'DomainError', kind: 'invalid', extras: { errors }
  })
  t.doesNotThrow(() => { checkNewPassword('a long walk', 'kim@example.com') })
})

t.test('a common password is recognized in any Unicode form', async t => {
  t.equal(isCommonPassword('contrase\u00f1a'), true)
  t.equal(isCommonPassword('CONTRASEN\u0303A'), true)
  t.equal(isCommonPassword('contrasena y mas'), false)
})

t.test('a new user is active, of version 1, and has its own id and referral code', async t => {
  const { at: createdAt, ...rest } = given
  const { id, referralCode } = user
  t.strictSame(user, { id, ...rest, status: 'ACTIVE', referralCode, createdAt, version: 1 })
  const many = Array.from({ length: 1000 }, () => createUser(given))
  t.equal(new Set(many.map(({ id }) => id)).size, 1000)
  t.equal(new Set(many.map(({ referralCode }) => referralCode)).size, 1000)
  t.ok(many.every(({ referralCode }) => /^[2-9A-HJ-NP-Z]{10}$/.test(referralCode)), 'without ambiguous characters')
  t.match(user.id, /^[a-f][0-9a-f]{23}$/)
})

t.test('a login reports itself and the visit that it belongs to', async t => {
  const visitedAt = new Date('2026-11-21T08:47:12.345Z')
  const windowStart = Date.parse('2026-11-21T08:45:00.000Z')
  const login = { sessionId: 's1', userId: 'u1', invitedBy: null, at, visitedAt, firstLoginAt: at }
  t.strictSame(loginActivities(login), [
    { id: 'login-s1', userId: 'u1', type: 'user.login', occurredAt: at },
    { id: `visit-${windowStart}`, userId: 'u1', type: 'user.visited', occurredAt: visitedAt }
  ])
  const [, visit] = loginActivities({ ...login, sessionId: 's2', at: new Date(at.getTime() + 1) })
  t.equal(visit?.id, `visit-${windowStart}`, 'another login of the same visit has the same id')
})

t.test('a visit window is a quarter hour by the clock', async t => {
  const windowOf = (time: string): string => visitWindowStart(new Date(`2026-11-21T${time}Z`)).toISOString().slice(11)
  t.equal(windowOf('08:59:59.999'), '08:45:00.000Z')
  t.equal(windowOf('09:00:00.000'), '09:00:00.000Z')
  t.equal(windowOf('09:14:59.999'), '09:00:00.000Z')
  t.equal(windowOf('09:15:00.000'), '09:15:00.000Z')
})

t.test('no day begins inside a visit window, in any time zone', async t => {
  const failures: string[] = []
  for (const timeZone of Intl.supportedValuesOf('timeZone')) {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    for (let month = 0; month < 12 * 101; month += 7) {
      const date = new Date(Date.UTC(2000, month, 1))
      const offset = format.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? ''
      if (!/^GMT(?:[+-]\d\d:(?:00|15|30|45))?$/.test(offset)) failures.push(`${timeZone} ${offset}`)
    }
  }
  t.same(failures, [])
})

t.test('every login of an invited user reports the same invitation, at the time of the first login', async t => {
  const firstLoginAt = new Date('2026-11-01T00:00:00.000Z')
  const invitationOf = (sessionId: string) =>
    loginActivities({ sessionId, userId: 'u1', invitedBy: 'friend', at, visitedAt: at, firstLoginAt })[2]
  t.strictSame(invitationOf('s1'), {
    id: 'invited-u1',
    userId: 'friend',
    type: 'friend.invited',
    occurredAt: firstLoginAt,
    data: { inviteeId: 'u1' }
  })
  t.strictSame(invitationOf('s2'), invitationOf('s1'))
})

t.test('an invitation belongs to the inviter who existed when the invitee registered', async t => {
  const invitation =
    { id: 'invited-u1', userId: 'friend', type: 'friend.invited', occurredAt: at, data: { inviteeId: 'u1' } } as const
  const [later, muchLater] = [new Date(at.getTime() + 60_000), new Date(at.getTime() + 60_001)]
  const has = (accounts: Array<[string, Date]>): boolean => hasInviter(invitation, new Map(accounts))
  t.same([has([['friend', at], ['u1', later]]), has([['friend', at], ['u1', at]])], [true, true])
  t.equal(has([['friend', at]]), true, 'even if the invitee is gone')
  t.same([has([['u1', at]]), has([])], [false, false])
  t.equal(has([['friend', later], ['u1', at]]), true, 'created by servers with different clocks')
  t.equal(has([['friend', muchLater], ['u1', at]]), false, 'a new user with the same id')
})

t.test('demoting, disabling or deleting an ADMIN removes an ADMIN, unless the user was already disabled', async t => {
  const removesAdmin = (before: typeof user, patch: object): boolean =>
    changeAccount(before, patch, () => true).removesAdmin
  t.same([removesAdmin(admin, { role: 'USER' }), removesAdmin(admin, { status: 'DISABLED' })], [true, true])
  t.same([removesAdmin(admin, {}), removesAdmin(user, { role: 'ADMIN' })], [false, false])
  t.equal(removesAdmin(disabledAdmin, { role: 'USER' }), false)
  t.equal(removesAdmin(disabledAdmin, { status: 'ACTIVE' }), false)
  t.same([admin, disabledAdmin, user].map(before => deleteAccount(before).removesAdmin), [true, false, false])
})

t.test('a change without an effect returns the same user; any other change creates a new version', async t => {
  const change = (patch: object) => changeAccount(user, patch, () => true)
  t.equal(change({}).user, user)
  t.equal(change({ role: 'USER', status: 'ACTIVE' }).user, user)
  t.strictSame(change({ role: 'OPERATOR' }).user, { ...user, role: 'OPERATOR', version: 2 })
  t.strictSame(change({ status: 'DISABLED' }).user, { ...user, status: 'DISABLED', version: 2 })
  t.throws(() => changeAccount(user, {}, () => false), { code: 'PRECONDITION_FAILED' })
})

t.test('401: a password change or a login fails if the password has changed since it was verified', async t => {
  const changed = changePassword(user, user, 'another hash', at).user
  t.strictSame(changed, { ...user, passwordHash: 'another hash', passwordChangedAt: at, version: 2 })
  t.throws(() => changePassword(changed ?? user, user, 'a third hash', at), { code: 'INVALID_CREDENTIALS' })
  t.same([maySignIn(user, user), maySignIn(user, changed), maySignIn(user, null)], [true, false, false])
  t.equal(maySignIn(user, { ...user, status: 'DISABLED' }), false)
})
