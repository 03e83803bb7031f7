import { defineRoute } from './route.ts'
import { Pause, PauseRequest } from './schemas/pause.ts'

const base = { service: 'event-service', tag: 'Pause', url: '/v1/pause' } as const

export const getPause = defineRoute({
  ...base,
  operationId: 'getPause',
  method: 'GET',
  access: ['OPERATOR', 'AUDITOR', 'ADMIN'],
  summary: 'Check whether granting is paused',
  description: 'Returns the reason and who paused granting. If granting is not paused, `reason` is null.',
  schema: { response: { 200: Pause } }
})

export const setPause = defineRoute({
  ...base,
  operationId: 'setPause',
  method: 'PUT',
  access: ['ADMIN'],
  summary: 'Pause all granting, or end the pause',
  description: 'During a pause, every claim, manual grant and approval gets 503 `PAUSED` and writes nothing. ' +
    'The same request can be repeated after the pause. ' +
    'Reads, dry runs, rejections, revocations and activities still work. ' +
    'When the response is sent, the pause applies to all servers: no grant has a later `grantedAt`. ' +
    'Claims that were decided before the response may still be stored.',
  schema: { body: PauseRequest, response: { 200: Pause } }
})
