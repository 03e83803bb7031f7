import { isDeepStrictEqual } from 'node:util'
import { contracts, example } from '@laurel/shared/contracts'
import type { Test } from 'tap'
import type { Answer, Call } from '../kit/http/client.ts'
import { eventually } from '../kit/run/eventually.ts'

export interface SendOptions {
  readonly token?: string
  /** The id in the examples that represents the id in the response. */
  readonly newId?: keyof typeof example
  /** The query, such as `?status=DELIVERED`. */
  readonly query?: string
  /** Properties of the body that differ in each run, such as a token. */
  readonly body?: object
  /** For counts that may be a few seconds old: repeats the request until the response equals the example. */
  readonly repeat?: boolean
}

const opaque = new Set(['accessToken', 'refreshToken', 'clientSecret', 'secret', 'referralCode', 'n', 'kid', 'date'])
const instant = /^\d{4}-\d\d-\d\d[T ][\d:.]+Z?$/
const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

/**
 * Returns a copy without the values that differ between runs. `exampleIds` maps the ids of the run to the ids of the
 * examples.
 */
function simplify (value: unknown, exampleIds: ReadonlyMap<string, string>): any {
  if (value === undefined) return undefined
  const text = [...exampleIds].reduce((text, [real, id]) => text.replaceAll(real, id), JSON.stringify(value))
  const known = new Set<unknown>(Object.values(example))
  return JSON.parse(text, (name, item) => {
    if (opaque.has(name) || (name === 'id' && !known.has(item))) return 'opaque'
    if (typeof item !== 'string' || name === 'startsAt' || name === 'endsAt') return item
    return instant.test(item) ? 'instant' : uuid.test(item) ? 'uuid' : item
  })
}

/** Returns the body of a response; for a CSV file, a list with its lines as entries. */
function readBody (body: unknown): unknown {
  if (typeof body !== 'string' || body === '') return body
  const [, ...lines] = body.trim().split('\r\n')
  return { data: lines.map(line => line.split(',')) }
}

/** Sends the example requests of an OpenAPI document and compares the responses with the example responses. */
export function createExampleSender (t: Test, call: Call, document: any) {
  const exampleIds = new Map<string, string>()
  const sent = new Set<string>()

  /** Returns the response and the example in comparable form. For a list, only the entry of the example. */
  function comparable (answer: unknown, expected: unknown): [unknown, unknown] {
    const [one, other] = [simplify(readBody(answer), exampleIds), simplify(readBody(expected), exampleIds)]
    if (!Array.isArray(other?.data)) return [one, other]
    const found = one.data.find((entry: unknown) => isDeepStrictEqual(entry, other.data[0]))
    return [found ?? one.data[0], other.data[0]]
  }

  async function send (operationId: string, options: SendOptions = {}): Promise<Answer> {
    const { token, newId, query = '', body, repeat = false } = options
    const { method, url } = contracts.find(contract => contract.operationId === operationId)!
    const operation = document.paths[url.replaceAll(/:([A-Za-z]+)/g, '{$1}')][method.toLowerCase()]
    // A later id replaces an earlier one.
    const realIds = new Map([...exampleIds].map(([real, id]) => [id, real]))
    const fill = (text: string) => [...realIds].reduce((filled, [id, real]) => filled.replaceAll(id, real), text)
    const ids: Readonly<Record<string, string>> = example
    const address = url.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => fill(ids[name] ?? name)) + query
    const exampleBody = operation.requestBody?.content['application/json'].example
    const request = {
      ...(token === undefined ? {} : { token }),
      ...(exampleBody === undefined ? {} : { body: { ...JSON.parse(fill(JSON.stringify(exampleBody))), ...body } })
    }
    const exampleOf = ({ status }: Answer): unknown =>
      Object.values<any>(operation.responses[status]?.content ?? {})[0]?.example

    sent.add(operationId)
    let answer = await call(method, address, request)
    if (newId !== undefined) exampleIds.set(answer.body.id ?? answer.body.clientId, example[newId])
    if (newId === 'eventId') for (const { id } of answer.body.rewards) exampleIds.set(id, example.rewardId)
    const matches = async () => {
      answer = await call(method, address, request)
      return isDeepStrictEqual(...comparable(answer.body, exampleOf(answer)))
    }
    if (repeat) await eventually(matches).catch(() => undefined)
    const { status, body: received } = answer
    t.ok(status < 300, `${operationId}: the example is accepted`, { status, received })
    const equal = 'the response equals the example, which is in `examples` of the contract or of the schema'
    if (status !== 204) t.same(...comparable(received, exampleOf(answer)), `${operationId}: ${equal}`)
    return answer
  }

  return { exampleIds, sent, send }
}
