// Replaces the package `async-hook-domain`, with which tap assigns uncaught errors to tests. The package also tracks
// every promise of the process, including the promises of the servers, which makes a request a third more expensive.
import { AsyncLocalStorage, AsyncResource, executionAsyncResource } from 'node:async_hooks'

const current = new AsyncLocalStorage()
let count = 0

export class Domain {
  constructor (onerror) {
    this.onerror = onerror
    this.isDestroyed = false
    this.parent = current.getStore()
    enter(this)
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

/**
 * Makes a domain the current one of its test. tap creates the domain in the scope of the `AsyncResource` in which it
 * runs the test later; since Node.js 24, each of these scopes starts with the store of the time when it was created.
 */
function enter (domain) {
  const resource = executionAsyncResource()
  if (!(resource instanceof AsyncResource)) {
    current.enterWith(domain)
    return
  }
  const { runInAsyncScope } = resource
  resource.runInAsyncScope = (work, self, ...args) =>
    runInAsyncScope.call(resource, () => current.run(domain, () => work.apply(self, args)))
}

/** Reports an error to the test that caused it, or to its parent if that test has ended. */
function fail (error, type = 'uncaughtException') {
  let domain = current.getStore()
  while (domain?.isDestroyed) domain = domain.parent
  if (domain === undefined) throw error
  domain.onerror(error, type)
}

function failRejection (error) {
  fail(error, 'unhandledRejection')
}
