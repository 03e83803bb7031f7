// Prints the access token of a new user with 3,000,000,000 points.
const [root, baseUrl, adminPassword] = process.argv.slice(2)
const { createClient } = await import(`${root}/client/dist/index.js`)

const email = `${crypto.randomUUID()}@example.com`
const password = 'a long walk by the sea'
const [admin, user] = [createClient({ baseUrl }), createClient({ baseUrl })]
await admin.login({ email: 'admin@example.com', password: adminPassword })
await user.register({ email, password })
const { accessToken } = await user.login({ email, password })

const dates = { startsAt: '2026-01-01T00:00:00Z', endsAt: '2036-01-01T00:00:00Z' }
const { id: eventId } = await admin.createEvent({ name: 'Three billion points', ...dates })
for (const name of ['First', 'Second', 'Third']) {
  await admin.addReward({ eventId, type: 'POINT', name, amount: 1_000_000_000 })
}
await admin.updateEvent({ eventId, status: 'ACTIVE' })
await user.claim({ eventId })
console.log(accessToken)
