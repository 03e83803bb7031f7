import t from 'tap'
import { newId } from '../../src/id.ts'

t.test('an id has 24 hexadecimal digits and is unique', async t => {
  const ids = Array.from({ length: 1000 }, newId)
  t.ok(ids.every(id => /^[0-9a-f]{24}$/.test(id)))
  t.equal(new Set(ids).size, ids.length)
})
