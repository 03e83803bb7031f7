import type { Migration } from '@laurel/shared/mongo'

/** The migrations of the database of event-service, oldest first. So far it needs none: absent fields have defaults. */
export const migrations: readonly Migration[] = []
