import { join } from 'node:path'
import type { Settings } from './settings.ts'

/** One server, as far as the launcher knows it. */
export interface Service {
  name: string
  /** The compiled file that is run. */
  script: string
  /** Answers 200 once the server can do its work. */
  readyUrl: string
  /** The sockets it opens, by the variables that choose them. */
  listens: Array<{ variable: string, host: string, port: number }>
  /** What its environment has beyond the launcher's. */
  env: Record<string, string>
}

const LOOPBACK = '127.0.0.1'

/** The three servers, in the order in which they are started. HOST is for the gateway; the two behind it stay on the loopback address. */
export function laurelServices (root: string, { host, ports, metricsPort, https }: Settings): Service[] {
  const urls = { AUTH_URL: `http://${LOOPBACK}:${ports.AUTH_PORT}`, EVENT_URL: `http://${LOOPBACK}:${ports.EVENT_PORT}` }
  const inner = (name: string, variable: 'AUTH_PORT' | 'EVENT_PORT'): Service => ({
    name,
    script: join(root, name, 'dist/server.js'),
    readyUrl: `http://${LOOPBACK}:${ports[variable]}/health/ready`,
    listens: [{ variable, host: LOOPBACK, port: ports[variable] }],
    env: { HOST: LOOPBACK, ...urls }
  })
  return [
    inner('auth-service', 'AUTH_PORT'),
    inner('event-service', 'EVENT_PORT'),
    {
      name: 'gateway',
      script: join(root, 'gateway/dist/server.js'),
      readyUrl: `${publicUrl({ host, ports, https })}/health/ready`,
      listens: [
        { variable: 'PORT', host, port: ports.PORT },
        ...(metricsPort === undefined ? [] : [{ variable: 'METRICS_PORT', host, port: metricsPort }])
      ],
      env: urls
    }
  ]
}

/** Where a browser on this machine finds the gateway: an address that means 'all of them' is no place to go to. */
export function publicUrl ({ host, ports, https }: Pick<Settings, 'host' | 'ports' | 'https'>): string {
  const reachable = host === '0.0.0.0' || host === '::' ? LOOPBACK : host
  return `${https ? 'https' : 'http'}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${ports.PORT}`
}
