import { runMigration } from '@laurel/shared/mongo'
import { readConfig } from './config.ts'
import { collections, migrations } from './stores/index.ts'

await runMigration('event-service', () => {
  const { mongoUri, LOG_LEVEL } = readConfig(process.env)
  return { uri: mongoUri, defaultDatabase: 'laurel_event', logLevel: LOG_LEVEL, collections, migrations }
})
