import { freePort } from './ports.ts'

export interface Addresses {
  readonly ports: Readonly<Record<'auth' | 'event' | 'gateway', number>>
  readonly urls: Readonly<Record<'auth' | 'event' | 'gateway', string>>
  /** The settings with which the three servers listen at these addresses and find each other. */
  readonly env: Readonly<Record<string, string>>
}

/** Returns free local addresses for the three servers. */
export async function freeAddresses (): Promise<Addresses> {
  const ports = { auth: await freePort(), event: await freePort(), gateway: await freePort() }
  const urlOf = (port: number): string => `http://127.0.0.1:${port}`
  const urls = { auth: urlOf(ports.auth), event: urlOf(ports.event), gateway: urlOf(ports.gateway) }
  const env = {
    AUTH_PORT: String(ports.auth),
    EVENT_PORT: String(ports.event),
    PORT: String(ports.gateway),
    METRICS_PORT: '0',
    AUTH_URL: urls.auth,
    EVENT_URL: urls.event
  }
  return { ports, urls, env }
}
