import type { NewEvent } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import t from 'tap'
import { newEvent, patchEvent } from '../../../src/domain/event-changes.ts'
import { claimEnd, phaseAt } from '../../../src/domain/event.ts'

const now = new Date('2026-11-10T00:00:00Z')
const later = new Date('2026-11-11T00:00:00Z')
const input: NewEvent = { name: 'An event', startsAt: '2026-11-01T00:00:00Z', endsAt: '2026-12-01T00:00:00Z' }
const event = newEvent(input, 'UTC', now)
const running = newEvent({ ...input, status: 'ACTIVE' }, 'UTC', now)

t.test('the phase is SCHEDULED before startsAt, then RUNNING, and ENDED at and after endsAt', async t => {
  const phase = (instant: string, offset = 0) => phaseAt(event, new Date(Date.parse(instant) + offset))
  t.equal(phase(input.startsAt, -1), 'SCHEDULED')
  t.equal(phase(input.startsAt), 'RUNNING')
  t.equal(phase(input.endsAt, -1), 'RUNNING')
  t.equal(phase(input.endsAt), 'ENDED')
})

t.test('claimUntil null follows endsAt; another date does not move', async t => {
  t.same(claimEnd(event), event.endsAt)
  const moved = patchEvent(event, { endsAt: '2026-12-05T00:00:00Z' }, later)
  t.equal(moved.claimUntil, null)
  t.same(claimEnd(moved), new Date('2026-12-05T00:00:00Z'))
  const own = patchEvent(event, { claimUntil: '2026-12-24T00:00:00Z' }, later)
  t.same(claimEnd(patchEvent(own, { endsAt: '2026-12-05T00:00:00Z' }, later)), new Date('2026-12-24T00:00:00Z'))
})

t.test('activatedAt is the instant of the first activation and never changes', async t => {
  t.equal(event.activatedAt, null)
  t.equal(running.activatedAt, now, 'created ACTIVE')
  const activated = patchEvent(event, { status: 'ACTIVE' }, later)
  t.equal(activated.activatedAt, later)
  const paused = patchEvent(activated, { status: 'INACTIVE' }, new Date('2026-11-12T00:00:00Z'))
  t.equal(paused.activatedAt, later)
  t.equal(patchEvent(paused, { status: 'ACTIVE' }, new Date('2026-11-13T00:00:00Z')).activatedAt, later)
  t.equal(patchEvent(event, { name: 'Another' }, later).activatedAt, null)
})

t.test('a change increments the version; a patch that changes nothing returns the same object', async t => {
  const changed = patchEvent(event, { name: 'Another' }, later)
  t.strictSame(changed, { ...event, name: 'Another', version: 2, updatedAt: later })
  t.equal(
    patchEvent(
      event,
      { name: event.name, startsAt: '2026-11-01T09:00:00+09:00', claimUntil: null, condition: null },
      later
    ),
    event
  )
  const asked = newEvent(
    { ...input, status: 'ACTIVE', condition: { aggregation: 'count', activity: 'a', target: 1 } },
    'UTC',
    now
  )
  t.equal(
    patchEvent(asked, { condition: { target: 1, activity: 'a', aggregation: 'count' } }, later),
    asked,
    'properties in another order'
  )
})

t.test('an invalid date is refused with its pointer', async t => {
  const pointerOf = (make: () => unknown): string | undefined => {
    try {
      make()
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'invalid') return error.extras.errors?.[0]?.pointer
      throw error
    }
    return undefined
  }
  for (const name of ['startsAt', 'endsAt', 'claimUntil'] as const) {
    t.equal(pointerOf(() => newEvent({ ...input, [name]: '2026-02-30T00:00:00Z' }, 'UTC', now)), `/${name}`)
    t.equal(pointerOf(() => patchEvent(event, { [name]: '2026-02-30T00:00:00Z' }, now)), `/${name}`)
  }
  t.equal(pointerOf(() => newEvent({ ...input, endsAt: input.startsAt }, 'UTC', now)), '/endsAt')
  t.equal(pointerOf(() => patchEvent(event, { startsAt: input.endsAt }, now)), '/endsAt')
  t.equal(pointerOf(() => newEvent({ ...input, claimUntil: '2026-11-30T23:59:59.999Z' }, 'UTC', now)), '/claimUntil')
  t.equal(
    pointerOf(() => newEvent({ ...input, claimUntil: input.endsAt }, 'UTC', now)),
    undefined,
    'claimUntil may be endsAt'
  )
})
