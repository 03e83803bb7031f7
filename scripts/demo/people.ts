import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createClient, isLaurelError, type Client } from '@laurel/client'

/** The reason why the demo cannot start, as one sentence for the terminal. */
export class DemoError extends Error {}

/** A member of the staff. */
export interface Colleague {
  readonly email: string
  readonly password: string
  readonly laurel: Client
}

export interface ConnectOptions {
  readonly baseUrl: string
  /** `undefined`: read it from `.data/first-admin-password`. */
  readonly adminPassword: string | undefined
}

/** The platform limits each user to 600 requests per minute. Waits for `Retry-After`. */
export const retryOptions = { retries: 100, maxRetryAfter: 90 }

const passwordFile = '.data/first-admin-password'

/** Logs the ADMIN in. Throws a `DemoError` if the platform is not running or the password is wrong. */
export async function connect ({ baseUrl, adminPassword }: ConnectOptions): Promise<Client> {
  const password = adminPassword ?? (existsSync(passwordFile) ? readFileSync(passwordFile, 'utf8').trim() : undefined)
  const admin = createClient({ baseUrl, ...retryOptions })
  await admin.authStatus().catch(error => {
    if (isLaurelError(error)) throw error
    throw new DemoError(`The platform is not running at ${baseUrl}. Start it with npm start.`)
  })
  const wrong = 'Set ADMIN_PASSWORD to the content of first-admin-password in the data folder.'
  if (password === undefined) throw new DemoError(`There is no ADMIN password in ${passwordFile}. ${wrong}`)
  await admin.login({ email: 'admin@example.com', password }).catch(error => {
    const isWrong = isLaurelError(error) && error.code === 'INVALID_CREDENTIALS'
    throw isWrong ? new DemoError(`Wrong ADMIN password. ${wrong}`) : error
  })
  return admin
}

/** Registers someone with this role and a random password, and logs them in. */
export async function hire (
  admin: Client, baseUrl: string, role: 'OPERATOR' | 'AUDITOR', run: string
): Promise<Colleague> {
  const account = { email: `${role.toLowerCase()}-${run}@example.com`, password: randomBytes(9).toString('base64url') }
  const laurel = createClient({ baseUrl, ...retryOptions })
  const { id } = await laurel.register(account)
  await admin.updateUser({ userId: id, role })
  await laurel.login(account)
  return { ...account, laurel }
}
