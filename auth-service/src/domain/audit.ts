import type { AccountAuditEntry } from '@laurel/shared/contracts'

export type AuditTarget = AccountAuditEntry['targetType']
