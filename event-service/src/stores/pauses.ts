import { createKeyedMutex } from '@laurel/shared/keyed-mutex'
import { inTransaction, timeLimit, type AuditStore } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { Audit, AuditTarget } from '../domain/audit.ts'
import type { Pause } from '../domain/pause.ts'
import { settingsId, settingsIn, type SettingsStore } from './settings.ts'

export interface PauseStore {
  /** Returns the pause, or `undefined` if there is none. */
  find: () => Promise<Pause | undefined>
  /**
   * Changes the pause by a pure rule and stores the audit entry in the same transaction.
   * If another change came first, the rule is called again with the new pause.
   * @param rule returns the same object if nothing changes; then no audit entry is written.
   * @returns the current pause.
   */
  change: (
    rule: (pause: Pause | undefined) => Pause | undefined,
    auditOf: (before: Pause | undefined, after: Pause | undefined) => Audit
  ) => Promise<Pause | undefined>
}

export function createPauseStore (db: Db, settings: SettingsStore, audits: AuditStore<AuditTarget>): PauseStore {
  const collection = settingsIn(db)
  const mutex = createKeyedMutex()
  return {
    find: async () => (await settings.read()).pause,
    change: async (rule, auditOf) => await mutex(settingsId, async () => {
      // An upsert inside a transaction could collide with another upsert. An update waits for the other one.
      const initial = { $setOnInsert: { wantedTypes: [] } }
      await collection.updateOne({ _id: settingsId }, initial, { upsert: true, ...timeLimit })
      return await inTransaction(db, async session => {
        const { pause: before } = await settings.read(session)
        const after = rule(before)
        if (after === before) return before
        await settings.setPause(after ?? null, session)
        await audits.insert(auditOf(before, after), session)
        return after
      })
    })
  }
}
