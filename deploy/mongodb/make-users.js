// Run by mongosh beside mongod: makes the replica set and the users, and changes nothing that is there.
/* global Mongo, sleep, quit */
const fs = require('fs')

const read = file => fs.readFileSync(file, 'utf8').trim()
const rootPassword = read('/secrets/mongodb/root-password')
const admin = new Mongo('mongodb://127.0.0.1:27017/?directConnection=true').getDB('admin')

function attempt (action) {
  try {
    return action()
  } catch (error) {
    return error
  }
}

const signIn = () => attempt(() => admin.auth('root', rootPassword)).ok === 1

if (!signIn()) {
  const begun = attempt(() => admin.runCommand({ replSetInitiate: { _id: 'laurel', members: [{ _id: 0, host: 'mongodb:27017' }] } }))
  console.log(begun.ok === 1 ? 'replica set made' : `replica set: ${begun.codeName ?? begun.message}`)
}
for (let i = 0; i < 120 && !admin.runCommand({ hello: 1 }).isWritablePrimary; i++) sleep(500)

if (!signIn()) {
  admin.createUser({ user: 'root', pwd: rootPassword, roles: ['root'] })
  if (!signIn()) throw new Error('the first user cannot sign in')
  console.log('root made')
}
for (const name of ['auth', 'event']) {
  const database = admin.getSiblingDB(`laurel_${name}`)
  if (database.getUser(name) !== null) continue
  database.createUser({ user: name, pwd: read(`/secrets/${name}/password`), roles: [{ role: 'readWrite', db: `laurel_${name}` }] })
  console.log(`${name} made, for its own database only`)
}
quit(0)
