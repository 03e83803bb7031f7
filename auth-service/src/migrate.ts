import { runMigration } from '@laurel/shared/mongo'
import { readConfig } from './config.ts'
import { collections, migrations } from './stores/index.ts'

await runMigration('auth-service', () => {
  const { mongoUri, LOG_LEVEL } = readConfig(process.env)
  return { uri: mongoUri, defaultDatabase: 'laurel_auth', logLevel: LOG_LEVEL, collections, migrations }
})
