// Stands in for the package `async-hook-domain`, with which tap finds the test that an error belongs to if nobody
// caught it. The package follows every promise of the process, also those of the servers, which makes a request a third
// more expensive. Tests run one after the other, so such an error belongs to the last one that has begun and not ended.
const domains = new Set()

export class Domain {
  constructor (onerror) {
    this.onerror = onerror
    if (domains.size === 0) {
      process.on('uncaughtException', fail)
      process.on('unhandledRejection', failRejection)
    }
    domains.add(this)
  }

  destroy () {
    domains.delete(this)
    if (domains.size > 0) return
    process.off('uncaughtException', fail)
    process.off('unhandledRejection', failRejection)
  }
}

function fail (error, type = 'uncaughtException') {
  [...domains].at(-1).onerror(error, type)
}

function failRejection (error) {
  fail(error, 'unhandledRejection')
}
