import type { Server } from '@laurel/shared/http'
import { Gauge } from 'prom-client'
import type { RevocationFeed } from '../security/revocations.ts'

/** Adds the age of the feed of ended sessions to the metrics. */
export function measureFeedAge (app: Server, feed: RevocationFeed): void {
  app.metrics.registerMetric(new Gauge({
    name: 'laurel_revocation_feed_age_seconds',
    help: 'Time since the ended sessions were last read from auth-service',
    registers: [],
    collect () { this.set(feed.age() / 1000) }
  }))
}
