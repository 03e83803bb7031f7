import type { Migration } from '@laurel/shared/mongo'

/** The migrations of the database of event-service. There are none yet, because absent fields have defaults. */
export const migrations: readonly Migration[] = []
