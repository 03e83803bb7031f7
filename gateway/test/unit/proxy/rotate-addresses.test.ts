import t from 'tap'
import { rotateAddresses, type Rotation } from '../../../src/proxy/rotate-addresses.ts'

const lookupBoth = (_hostname: string, _options: object, callback: (error: null, addresses: any[]) => void): void => {
  callback(null, [{ address: '10.0.0.1', family: 4 }, { address: '10.0.0.2', family: 4 }])
}

/** Returns the first address of each of four lookups. */
function firstOfFour ({ lookup }: Rotation): unknown[] {
  return [1, 2, 3, 4].map(() => {
    let found: unknown
    lookup('service', {}, (_error, addresses) => { found = addresses })
    return (found as Array<{ address: string }>)[0]?.address
  })
}

t.test('each lookup puts the next address first', async t => {
  t.strictSame(firstOfFour(rotateAddresses(lookupBoth)), ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2'])
})

t.test('an avoided address is last until its time has passed', async t => {
  const rotation = rotateAddresses(lookupBoth)
  rotation.avoid('10.0.0.1')
  t.strictSame(firstOfFour(rotation), ['10.0.0.2', '10.0.0.2', '10.0.0.2', '10.0.0.2'])
  const forgetful = rotateAddresses(lookupBoth, 0)
  forgetful.avoid('10.0.0.1')
  t.strictSame(firstOfFour(forgetful), ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2'])
})
