import type { Test } from 'tap'
import { startGateway, type TestGateway } from './gateway.ts'

type Env = Readonly<Record<string, string>>

export interface LimitedGateway extends TestGateway {
  /** An access token of this user. */
  readonly tokenOf: (userId: string) => string
  /** Sends the same request several times, one after the other, and returns the statuses. */
  readonly statuses: (count: number, path: string, options?: RequestOptions) => Promise<number[]>
  /** Returns one metric in the Prometheus text format. */
  readonly metric: (name: string) => Promise<string>
}

interface RequestOptions {
  readonly method?: string
  readonly token?: string
  readonly headers?: Env
}

/** Starts a gateway whose rate limits `env` sets. */
export async function startLimitedGateway (t: Test, env: Env): Promise<LimitedGateway> {
  const gateway = await startGateway(t, { env })
  const { app, call, issuer } = gateway
  return {
    ...gateway,
    tokenOf: sub => issuer.token({ sub, role: 'USER' }),
    async statuses (count, path, { method = 'GET', ...options } = {}) {
      const statuses: number[] = []
      for (let n = 0; n < count; n++) statuses.push((await call(method, path, options)).status)
      return statuses
    },
    metric: async name => await app.metrics.getSingleMetricAsString(name)
  }
}
