import type { Product } from './product.ts'

/** Sends a request and returns its response. Throws unless the platform accepts it. */
export async function send (
  product: Product, method: string, path: string, token: string, body: object
): Promise<{ id: string }> {
  const response = await fetch(`${product.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  if (!response.ok) throw new Error(`${method} ${path} returned ${response.status} ${await response.text()}`)
  return await response.json() as { id: string }
}

const always = { startsAt: '2020-01-01T00:00:00Z', endsAt: '2099-01-01T00:00:00Z' }

/** Creates an ACTIVE event without a condition. Returns its id. */
export async function makeOpenEvent (product: Product, admin: string, name: string): Promise<string> {
  const rewards = [{ type: 'POINT', name: '500 points', amount: 500 }]
  return (await send(product, 'POST', '/v1/events', admin, { name, ...always, status: 'ACTIVE', rewards })).id
}

/** Creates an ACTIVE event whose condition counts 5 activities. Returns its id. `stock`: `null` if it is unlimited. */
export async function makeEvent (
  product: Product, admin: string, name: string, stock: number | null = null
): Promise<string> {
  const { id } = await send(product, 'POST', '/v1/events', admin, {
    name,
    ...always,
    condition: { aggregation: 'count', activity: 'quest.cleared', target: 5 }
  })
  const reward = { type: 'POINT', name: '500 points', amount: 500, stock }
  await send(product, 'POST', `/v1/events/${id}/rewards`, admin, reward)
  await send(product, 'PATCH', `/v1/events/${id}`, admin, { status: 'ACTIVE' })
  return id
}

/** Reports 5 activities that these events count for each user. */
export async function giveActivities (product: Product, admin: string, users: readonly string[]): Promise<void> {
  for (let from = 0; from < users.length; from += 100) {
    const activities = users.slice(from, from + 100).flatMap(userId =>
      [0, 1, 2, 3, 4].map(n => ({ id: `${n}`, userId, type: 'quest.cleared' })))
    await send(product, 'POST', '/v1/activities', admin, { activities })
  }
}
