import { join } from 'node:path'
import type { Settings } from './settings.ts'

/** The properties of a server that the launcher needs. */
export interface Service {
  readonly name: string
  /** The compiled file to run. */
  readonly script: string
  /** Responds with 200 once the server is ready. */
  readonly readyUrl: string
  /** Its ports, and the variables that set them. */
  readonly listens: ReadonlyArray<{ readonly variable: string, readonly host: string, readonly port: number }>
  /** Variables in addition to the launcher's environment. */
  readonly env: Readonly<Record<string, string>>
}

const loopback = '127.0.0.1'

/** Returns the three servers. HOST applies to the gateway; the services behind it listen on 127.0.0.1. */
export function laurelServices (root: string, settings: Settings): Service[] {
  const { HOST, PORT, AUTH_PORT, EVENT_PORT, METRICS_PORT } = settings
  const urls = { AUTH_URL: `http://${loopback}:${AUTH_PORT}`, EVENT_URL: `http://${loopback}:${EVENT_PORT}` }
  const inner = (name: string, variable: string, port: number): Service => ({
    name,
    script: join(root, name, 'dist/server.js'),
    readyUrl: `http://${loopback}:${port}/health/ready`,
    listens: [{ variable, host: loopback, port }],
    env: { HOST: loopback, ...urls }
  })
  const metrics = METRICS_PORT === undefined || METRICS_PORT === 0
    ? []
    : [{ variable: 'METRICS_PORT', host: HOST, port: METRICS_PORT }]
  return [
    inner('auth-service', 'AUTH_PORT', AUTH_PORT),
    inner('event-service', 'EVENT_PORT', EVENT_PORT),
    {
      name: 'gateway',
      script: join(root, 'gateway/dist/server.js'),
      readyUrl: `${publicUrl(settings)}/health/ready`,
      listens: [{ variable: 'PORT', host: HOST, port: PORT }, ...metrics],
      env: urls
    }
  ]
}

/** Returns the local URL of the gateway. A host that means "all addresses" becomes 127.0.0.1. */
export function publicUrl ({ HOST, PORT, https }: Pick<Settings, 'HOST' | 'PORT' | 'https'>): string {
  const host = HOST === '0.0.0.0' || HOST === '::' ? loopback : HOST
  return `${https ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${PORT}`
}
