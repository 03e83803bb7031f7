import t from 'tap'
import { createTokenKeeper } from '../../src/tokens.ts'

t.test('a caller that used an older token does not renew the newer one', async t => {
  const fail = async () => { throw new Error('It was renewed.') }
  const keeper = createTokenKeeper({ accessToken: 'newer' }, fail)
  t.equal(await keeper.renew('older'), true)
  keeper.set(undefined)
  t.equal(await keeper.renew('older'), false, 'after a logout there is no token')
})

t.test('callers whose token is rejected at the same time share one renewal', async t => {
  let renewals = 0
  const keeper = createTokenKeeper({}, async () => {
    renewals++
    return { accessToken: 'new' }
  })
  t.same(await Promise.all([keeper.renew(undefined), keeper.renew(undefined)]), [true, true])
  t.equal(renewals, 1)
  t.same(keeper.get(), { accessToken: 'new' })
})
