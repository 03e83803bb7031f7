import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { PublicJwk } from '@laurel/shared/tokens'
import type { Test } from 'tap'

export interface Arrival {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[]
  /** What has arrived of the body so far. */
  body: string
}

export interface StandIn {
  readonly url: string
  readonly port: number
  /** Every request but those for keys, ended sessions, accounts and health. */
  readonly arrivals: Arrival[]
  /** How often the keys were asked for. */
  keyFetches: number
  /** What is published; null: 500. */
  keys: unknown
  /** The sessions that ended, all in one answer; null: 500. */
  revoked: readonly string[] | null
  /** What the feed of ended sessions was asked with, by poll. */
  readonly feedQueries: Array<string | null>
  /** How often accounts were looked up. */
  lookups: number
  /** Accounts that are not ACTIVE: DISABLED, or `gone` (404), or `silent` (500). */
  readonly accounts: Map<string, string>
  ready: boolean
  /** What comes back for everything else; 200 and `{}` unless a test says otherwise. */
  answer: RequestListener
  stop: () => Promise<void>
}

const ok: RequestListener = (request, response) => {
  request.resume().on('end', () => { response.writeHead(200, { 'content-type': 'application/json' }).end('{}') })
}

/** A server on a real socket that stands in for the services behind the gateway, ended with the test. */
export async function startStandIn (t: Test, keys: readonly PublicJwk[] = [], port = 0): Promise<StandIn> {
  const server = createServer((request, response) => {
    if (request.url === '/.well-known/jwks.json') {
      standIn.keyFetches += 1
      response.writeHead(standIn.keys === null ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(standIn.keys))
    } else if (request.url?.startsWith('/internal/revocations') === true) {
      const asOf = new Date().toISOString()
      standIn.feedQueries.push(new URL(request.url, 'http://localhost').searchParams.get('since'))
      response.writeHead(standIn.revoked === null ? 500 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ asOf, revocations: standIn.revoked?.map(sessionId => ({ sessionId, at: asOf })) }))
    } else if (request.url === '/internal/users/lookup') {
      standIn.lookups += 1
      void text(request).then(body => { answerLookup(response, JSON.parse(body).userIds) })
    } else if (request.url?.startsWith('/internal/users/') === true) {
      const status = standIn.accounts.get(request.url.slice('/internal/users/'.length)) ?? 'ACTIVE'
      response.writeHead(status === 'gone' ? 404 : status === 'silent' ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ status }))
    } else if (request.url === '/health/ready') {
      response.writeHead(standIn.ready ? 200 : 503).end()
    } else {
      const arrival: Arrival = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, rawHeaders: request.rawHeaders, body: '' }
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
