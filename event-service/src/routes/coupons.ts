import { auditOf } from '@laurel/shared/audit'
import { rewards as contract } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import type { Server } from '@laurel/shared/http'
import { actorOf } from '@laurel/shared/tokens'
import { eventNotFound } from '../domain/event.ts'
import { couponOf } from '../domain/reward.ts'
import type { CouponStore } from '../stores/coupons.ts'
import type { EventStore } from '../stores/events.ts'
import { raisePool } from '../engine/pools.ts'

export interface CouponRoutesOptions {
  readonly events: EventStore
  readonly coupons: CouponStore
}

/** One code a line, as a spreadsheet saves them: with or without quotes, blank lines passed over. */
export function readCsv (text: string): { codes: string[] } {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/).map(line => line.trim())
  return {
    codes: lines.flatMap((line, index) => {
      if (line === '') return []
      const [, quoted, plain] = /^(?:"((?:[^"]|"")*)"|([^",]*))$/.exec(line) ?? []
      const code = quoted?.replaceAll('""', '"') ?? plain
      if (code === undefined) throw new DomainError('invalid', 'INVALID_CSV', `Line ${index + 1} is not one code: a comma or a quote stands in quotes (RFC 4180)`)
      return [code]
    })
  }
}

export async function couponRoutes (app: Server, { events, coupons }: CouponRoutesOptions): Promise<void> {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_request: unknown, bytes: Buffer, done: (error: Error | null, body?: unknown) => void) => {
    try {
      done(null, readCsv(utf8.decode(bytes)))
    } catch (error) {
      done(error instanceof DomainError ? error : new DomainError('invalid', 'INVALID_CSV', 'The body is not valid UTF-8'))
    }
  })

  app.route({
    ...contract.addCouponCodes,
    async handler (request) {
      const { eventId, rewardId } = request.params
      const event = await events.find(eventId)
      if (event === null) throw eventNotFound()
      couponOf(event, rewardId)
      const { codes } = request.body
      const audit = auditOf(actorOf(request), { at: new Date(), action: 'addCouponCodes', targetType: 'REWARD', targetId: rewardId, after: { eventId, codes: codes.length } })
      const added = await coupons.add({ eventId, rewardId }, codes, audit)
      await raisePool(events, coupons, { eventId, rewardId })
      return added
    }
  })
}
