import t from 'tap'
import { fingerprint } from '../../../src/domain/canonical-json.ts'

t.test('equal JSON values have the same fingerprint, different ones do not', async t => {
  t.equal(fingerprint({ a: 1, b: { c: [1, 2], d: null } }), fingerprint({ b: { d: null, c: [1, 2] }, a: 1 }))
  const values = [
    { a: 1 },
    { a: '1' },
    { a: 2 },
    { b: 1 },
    { a: 1, b: 1 },
    { a: null },
    {},
    [1, 2],
    [2, 1],
    [[1], 2],
    null,
    'null',
    { a: { b: 1 } }
  ]
  t.equal(new Set(values.map(fingerprint)).size, values.length)
})
