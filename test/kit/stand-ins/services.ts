import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { PublicJwk } from '@laurel/shared/tokens'
import type { Owner } from '../run/owner.ts'

export interface Arrival {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  /** Raw headers: alternating names and values. */
  readonly rawHeaders: readonly string[]
  /** The part of the body that has arrived so far. */
  body: string
}

export interface StandIn {
  readonly url: string
  readonly port: number
  /** All requests except those for keys, ended sessions, accounts and health. */
  readonly arrivals: Arrival[]
  /** How many times the keys were requested. */
  keyFetches: number
  /** The published keys; `null`: 500. */
  keys: unknown
  /** The ended sessions, all in one response; `null`: 500. */
  revoked: readonly string[] | null
  /** `since` of each request for ended sessions. */
  readonly feedQueries: Array<string | null>
  /** How many times accounts were looked up. */
  lookups: number
  /** Accounts that are not ACTIVE: DISABLED, or `gone` (404), or `silent` (500). */
  readonly accounts: Map<string, string>
  ready: boolean
  /** The response to everything else; by default 200 and `{}`. */
  answer: RequestListener
  stop: () => Promise<void>
}

const ok: RequestListener = (request, response) => {
  request.resume().on('end', () => { response.writeHead(200, { 'content-type': 'application/json' }).end('{}') })
}

function send (response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Starts a stand-in for the services behind the gateway. Stopped with the test. */
export async function startStandIn (t: Owner, keys: readonly PublicJwk[] = [], port = 0): Promise<StandIn> {
  const server = createServer((request, response) => {
    if (request.url === '/.well-known/jwks.json') {
      standIn.keyFetches += 1
      send(response, standIn.keys === null ? 500 : 200, standIn.keys)
    } else if (request.url?.startsWith('/internal/revocations') === true) {
      const asOf = new Date().toISOString()
      standIn.feedQueries.push(new URL(request.url, 'http://localhost').searchParams.get('since'))
      const revocations = standIn.revoked?.map(sessionId => ({ sessionId, at: asOf }))
      send(response, standIn.revoked === null ? 500 : 200, { asOf, revocations })
    } else if (request.url === '/internal/users/lookup') {
      standIn.lookups += 1
      void text(request).then(body => { answerLookup(response, JSON.parse(body).userIds) })
    } else if (request.url?.startsWith('/internal/users/') === true) {
      const status = standIn.accounts.get(request.url.slice('/internal/users/'.length)) ?? 'ACTIVE'
      send(response, status === 'gone' ? 404 : status === 'silent' ? 500 : 200, { status })
    } else if (request.url === '/health/ready') {
      response.writeHead(standIn.ready ? 200 : 503).end()
    } else {
      const { method = '', url = '', headers, rawHeaders } = request
      const arrival: Arrival = { method, url, headers, rawHeaders, body: '' }
      standIn.arrivals.push(arrival)
      request.on('data', (chunk: Buffer) => { arrival.body += chunk.toString('latin1') })
      standIn.answer(request, response)
    }
  })
  await new Promise<void>(resolve => { server.listen(port, '127.0.0.1', resolve) })

  function answerLookup (response: ServerResponse, userIds: readonly string[]): void {
    const users = userIds.map(id => ({ id, status: standIn.accounts.get(id) ?? 'ACTIVE' }))
    const isSilent = users.some(({ status }) => status === 'silent')
    response.writeHead(isSilent ? 500 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ users: users.filter(({ status }) => status !== 'gone') }))
  }

  const address = server.address() as AddressInfo
  const standIn: StandIn = {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    arrivals: [],
    keyFetches: 0,
    keys: { keys },
    revoked: [],
    feedQueries: [],
    lookups: 0,
    accounts: new Map(),
    ready: true,
    answer: ok,
    stop: async () => {
      server.closeAllConnections()
      await new Promise(resolve => { server.close(resolve) })
    }
  }
  t.teardown(standIn.stop)
  return standIn
}
