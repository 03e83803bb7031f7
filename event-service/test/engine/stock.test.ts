import t from 'tap'
import { createStockStore } from '../../src/stores/stock.ts'
import { ownDatabase } from '../../../test/kit/database.ts'
import { atOnce } from '../../../test/kit/event-service.ts'

t.test('many that take at once of an event of which nobody has taken yet get different numbers', async t => {
  const { client, name } = ownDatabase(t, 'stock')
  const stores = [createStockStore(client.db(name)), createStockStore(client.db(name))] as const
  for (let round = 0; round < 10; round++) {
    const leases = await atOnce(20, async index => await stores[index % 2 === 0 ? 0 : 1].take(`event-${round}`, 2, 100))
    t.strictSame(leases.flatMap(({ numbers }) => numbers).sort((a, b) => a - b), Array.from({ length: 40 }, (_, index) => index))
  }
})
