// Stands in for the package `async-hook-domain`, with which tap finds the test that an error belongs to if nobody
// caught it. The package also follows the end of each promise of the process, those of the servers too, which makes a
// request a third more expensive.
import { AsyncLocalStorage } from 'node:async_hooks'

const current = new AsyncLocalStorage()
let count = 0

export class Domain {
  constructor (onerror) {
    this.onerror = onerror
    this.isDestroyed = false
    this.parent = current.getStore()
    current.enterWith(this)
    count += 1
    if (count > 1) return
    process.on('uncaughtException', fail)
    process.on('unhandledRejection', failRejection)
  }

  destroy () {
    if (this.isDestroyed) return
    this.isDestroyed = true
    count -= 1
    if (count > 0) return
    process.off('uncaughtException', fail)
    process.off('unhandledRejection', failRejection)
  }
}

/** Reports an error to the test that it belongs to, or, if that one has ended, to the test around it. */
function fail (error, type = 'uncaughtException') {
  let domain = current.getStore()
  while (domain?.isDestroyed) domain = domain.parent
  if (domain === undefined) throw error
  domain.onerror(error, type)
}

function failRejection (error) {
  fail(error, 'unhandledRejection')
}
