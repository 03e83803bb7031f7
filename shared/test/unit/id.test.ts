import t from 'tap'
import { newId } from '../../src/id.ts'

t.test('an id has 24 hexadecimal digits, begins with a letter, and is unique', async t => {
  const ids = Array.from({ length: 1000 }, newId)
  t.ok(ids.every(id => /^[a-f][0-9a-f]{23}$/.test(id)))
  t.same(new Set(ids.map(id => id.charAt(0))).size, 6)
  t.equal(new Set(ids).size, ids.length)
})
