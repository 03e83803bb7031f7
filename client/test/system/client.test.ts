import { randomUUID } from 'node:crypto'
import { createClient, type ClientTokens } from '@laurel/client'
import t from 'tap'
import { refusalOf } from '../../../test/kit/http/laurel.ts'
import { password } from '../../../test/kit/servers/auth.ts'
import { newEmail } from '../../../test/kit/servers/platform.ts'
import { sharedPlatform } from '../../../test/kit/servers/shared-platform.ts'

t.test('against the platform', async t => {
  const { urls, admin } = await sharedPlatform()
  const baseUrl = `${urls.gateway}/`
  const operator = createClient({ baseUrl, token: admin.token })

  t.test('an event is created and claimed, and refusals narrow by their code', async t => {
    const user = createClient({ baseUrl })
    const email = newEmail()
    await user.register({ email, password })
    await user.login({ email, password })

    const condition = {
      all: [
        { aggregation: 'count' as const, activity: 'user.login', target: 1 },
        { aggregation: 'count' as const, activity: 'quest.cleared', target: 2 }
      ]
    }
    const dates = { startsAt: '2026-01-01T00:00:00Z', endsAt: '2099-01-01T00:00:00Z' }
    const { id: eventId } = await operator.createEvent({ name: 'Welcome', ...dates, condition })
    await operator.addReward({ eventId, type: 'POINT', name: '3 billion', amount: 1_000_000_000 })
    await operator.updateEvent({ eventId, status: 'ACTIVE' })

    const refused = await refusalOf(user.claim({ eventId }))
    if (refused.code !== 'CONDITIONS_NOT_MET') return t.fail(refused.code)
    t.match(refused.progress, { all: [{ current: 1, met: true }, { current: 0, met: false }], met: false })
    t.match(refused, { status: 409, type: `/docs/errors/${refused.code}`, message: refused.detail, requestId: String })

    const { id: userId } = await user.getMe()
    const activities = ['1', '2'].map(id => ({ id, userId, type: 'quest.cleared' }))
    t.match(await operator.ingestActivities({ activities }), { accepted: 2 })
    const grants = [{ userId }, { userId: 'nobody' }]
    const order = { eventId, grants, condition: 'CHECK' as const, reason: 'a test' }
    t.match(await operator.grantRewards({ ...order, dryRun: 'true' }), {
      results: [{ userId, ok: true, claim: undefined }, { userId: 'nobody', ok: false, code: 'USER_NOT_FOUND' }]
    })
    t.match(await user.claim({ eventId }), { status: 'GRANTED', userId })
    const again = await refusalOf(user.claim({ eventId }))
    if (again.code !== 'ALREADY_CLAIMED') return t.fail(again.code)
    t.equal(again.claim.status, 'GRANTED')
    t.equal((await user.getMyWallet()).points, 1_000_000_000)
    t.match(await user.listMyClaims({ eventId, limit: 1 }), { data: [{ eventId }], nextCursor: null })
    t.match(await operator.exportClaims({ eventId }), /,GRANTED,.*,POINT,3 billion,1000000000,/)
    t.equal(await user.logout(), undefined)
    t.match(await refusalOf(user.getMe()), { code: 'UNAUTHENTICATED' })
  })

  t.test('invalid fields are named', async t => {
    const error = await refusalOf(operator.listUsers({ limit: 1000 }))
    if (error.code !== 'VALIDATION_FAILED') return t.fail(error.code)
    t.match(error.errors, [{ pointer: '/limit' }])
  })

  t.test('If-Match is sent', async t => {
    const error = await refusalOf(operator.updateMe({ name: 'Admin' }, { ifMatch: '"another"' }))
    t.equal(error.code, 'PRECONDITION_FAILED')
  })

  t.test('a rejected access token is refreshed once for many callers', async t => {
    const email = newEmail()
    const first = createClient({ baseUrl })
    await first.register({ email, password })
    const { refreshToken } = await first.login({ email, password })
    const kept: Array<ClientTokens | undefined> = []
    const user = createClient({ baseUrl, token: 'expired', refreshToken, onTokens: tokens => { kept.push(tokens) } })
    const answers = await Promise.all(Array.from({ length: 10 }, async () => await user.getMe()))
    t.ok(answers.every(answer => answer.email === email))
    t.equal(kept.length, 1)
    await user.logout()
    t.equal(kept[1], undefined)
  })

  t.test('a client can start with only a refresh token', async t => {
    const { refreshToken } = await createClient({ baseUrl }).login({ email: admin.user.email, password })
    t.match(await createClient({ baseUrl, refreshToken }).getMe(), { email: admin.user.email })
  })

  t.test('without a valid refresh token, the caller must log in again', async t => {
    const user = createClient({ baseUrl, token: 'expired', refreshToken: 'unknown' })
    t.equal((await refusalOf(user.getMe())).code, 'INVALID_REFRESH_TOKEN')
    t.equal((await refusalOf(createClient({ baseUrl, token: 'expired' }).getMe())).code, 'UNAUTHENTICATED')
  })

  t.test('a machine client requests its access tokens automatically', async t => {
    const { clientId, clientSecret } = await operator.createClient({ name: 'Game server' })
    const sent: string[] = []
    const game = createClient({
      baseUrl,
      credentials: { clientId, clientSecret },
      async fetch (url, init) {
        sent.push(new URL(String(url)).pathname)
        return await fetch(url, init)
      }
    })
    const report = async (): Promise<unknown> => await game.ingestActivities({
      activities: [{ id: randomUUID(), userId: admin.user.id, type: 'quest.cleared' }]
    })
    t.match(await Promise.all([report(), report()]), [{ accepted: 1 }, { accepted: 1 }])
    t.strictSame(sent, ['/v1/auth/token', '/v1/activities', '/v1/activities'], 'one token, requested first')
    t.match(await game.jwks(), { keys: [{}] })
  })

  // Only compiled, never run: checks that the types match the contracts.
  void (async () => {
    // @ts-expect-error the event is missing
    await operator.claim({})
    // @ts-expect-error there is no such operation
    await operator.fly()
    // @ts-expect-error a POINT has no item
    await operator.addReward({ eventId: 'e', type: 'POINT', name: 'x', amount: '5' })
    const claim = await operator.claim({ eventId: 'e' })
    // @ts-expect-error there is no such status
    return claim.status === 'LOST'
  })
})
