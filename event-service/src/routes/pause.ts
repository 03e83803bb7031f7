import { pause as contract, type Pause as PublicPause } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { actorOf } from '@laurel/shared/tokens'
import { auditOfPause, changePause, type Pause } from '../domain/pause.ts'
import type { PauseStore } from '../stores/pauses.ts'

export interface PauseRoutesOptions {
  readonly pauses: PauseStore
}

export async function pauseRoutes (app: Server, { pauses }: PauseRoutesOptions): Promise<void> {
  app.route({
    ...contract.getPause,
    handler: async () => serializePause(await pauses.find())
  })

  app.route({
    ...contract.setPause,
    async handler (request) {
      const [actor, at] = [actorOf(request), new Date()]
      const pause = await pauses.change(
        before => changePause(before, request.body, actor, at),
        (before, after) => auditOfPause(actor, request.body, before, after, at)
      )
      return serializePause(pause)
    }
  })
}

function serializePause (pause: Pause | undefined): PublicPause {
  if (pause === undefined) return { paused: false, reason: null }
  const { reason, by, at } = pause
  return { paused: true, reason, by, at: at.toISOString() }
}
