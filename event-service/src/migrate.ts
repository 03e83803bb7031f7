import { runMigration } from '@laurel/shared/mongo'
import { readConfig } from './config.ts'
import { collections, migrations } from './stores/index.ts'

process.exitCode = await runMigration('event-service', process.argv.slice(2), () => {
  const { mongoUri, LOG_LEVEL } = readConfig(process.env)
  return { uri: mongoUri, defaultDatabase: 'laurel_event', logLevel: LOG_LEVEL, collections, migrations }
}, line => { process.stderr.write(`${line}\n`) })
