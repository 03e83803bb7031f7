import { ownDatabase } from '../mongo/database.ts'
import type { Owner } from '../run/owner.ts'
import { dataDirOf } from '../tokens/data-dir.ts'
import { freeAddresses, type Addresses } from './addresses.ts'
import { password } from './auth.ts'

/** The settings of three servers. `databases` are those of the services. */
export interface ServerEnvironment extends Addresses {
  readonly databases: Readonly<Record<'auth' | 'event', ReturnType<typeof ownDatabase>>>
}

/** Returns the settings for three servers with free addresses, their own databases, and cheap password hashes. */
export async function serverEnvironment (t: Owner): Promise<ServerEnvironment> {
  const { ports, urls, env } = await freeAddresses()
  const databases = { auth: ownDatabase(t, 'auth'), event: ownDatabase(t, 'event') }
  return {
    ports,
    urls,
    databases,
    env: {
      ...env,
      AUTH_MONGODB_URI: databases.auth.uri,
      EVENT_MONGODB_URI: databases.event.uri,
      DATA_DIR: dataDirOf(t),
      ADMIN_PASSWORD: password,
      BCRYPT_COST: '4',
      // Tests send more requests than people do.
      RATE_LIMIT_PER_MINUTE: '0',
      LOGIN_LIMIT_PER_MINUTE: '0'
    }
  }
}
