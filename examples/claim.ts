import { createClient, isLaurelError } from '@laurel/client'

const { API = 'http://127.0.0.1:3000', EVENT: eventId = '' } = process.env
const laurel = createClient({ baseUrl: API })
const account = { email: `lee-${Date.now()}@example.com`, password: 'a long walk by the sea' }
await laurel.register(account)
await laurel.login(account)

for (const attempt of ['first', 'second']) {
  try {
    const { status, rewards } = await laurel.claim({ eventId })
    console.log(`${attempt} claim: ${status}, ${rewards.map(({ name }) => name).join()}`)
  } catch (error) {
    if (!isLaurelError(error) || error.code !== 'ALREADY_CLAIMED') throw error
    console.log(`${attempt} claim: ${error.code}, granted at ${error.claim.createdAt}`)
  }
}
const { points } = await laurel.getMyWallet()
console.log(`wallet: ${points} points`)
