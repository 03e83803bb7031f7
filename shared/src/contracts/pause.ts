import { defineRoute } from './route.ts'
import { Pause, PauseRequest } from './schemas/pause.ts'

const base = { service: 'event-service', tag: 'Pause', url: '/v1/pause' } as const

export const getPause = defineRoute({
  ...base,
  operationId: 'getPause',
  method: 'GET',
  access: ['OPERATOR', 'AUDITOR', 'ADMIN'],
  summary: 'Get whether granting is paused',
  description: 'Returns the reason and who paused it. While it is not paused, `reason` is null.',
  schema: { response: { 200: Pause } }
})

export const setPause = defineRoute({
  ...base,
  operationId: 'setPause',
  method: 'PUT',
  access: ['ADMIN'],
  summary: 'Pause all granting, or end the pause',
  description: 'While it is paused, every claim, grant by hand and approval answers 503 `PAUSED` and writes nothing. ' +
    'Repeated after the pause, it is decided afresh. Reads, dry runs, rejections, revocations and activities go on. ' +
    'A pause holds for every server as soon as this call has answered: no later grant has a `grantedAt` after it. ' +
    'What was being decided before may still be stored.',
  schema: { body: PauseRequest, response: { 200: Pause } }
})
