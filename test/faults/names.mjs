// Preloaded into the gateway: the name `event-services.test` has three addresses, like the name of a scaled service.
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

const { lookup } = dns
const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map(address => ({ address, family: 4 }))

dns.lookup = function (name, options, callback) {
  if (name !== 'event-services.test') return lookup(name, options, callback)
  const answer = typeof options === 'function' ? options : callback
  process.nextTick(answer, null, addresses)
}
syncBuiltinESMExports()
