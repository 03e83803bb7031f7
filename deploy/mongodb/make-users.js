// mongosh runs this next to mongod: it initiates the replica set and creates the users. It changes nothing that exists.
/* global Mongo, sleep, quit */
const fs = require('fs')

const read = file => fs.readFileSync(file, 'utf8').trim()
const rootPassword = read('/secrets/mongodb/root-password')
const admin = new Mongo('mongodb://127.0.0.1:27017/?directConnection=true').getDB('admin')

// mongosh awaits a call only if its result is used, so each result gets a name before it is returned.
function signIn () {
  try {
    const answer = admin.auth('root', rootPassword)
    return answer.ok === 1
  } catch {
    return false
  }
}

function initiateReplicaSet () {
  try {
    const answer = admin.runCommand({ replSetInitiate: { _id: 'laurel', members: [{ _id: 0, host: 'mongodb:27017' }] } })
    return `replica set: ${answer.ok === 1 ? 'initiated' : answer.codeName}`
  } catch (error) {
    return `replica set: ${error.codeName ?? error.message}`
  }
}

let signedIn = signIn()
if (!signedIn) console.log(initiateReplicaSet())
for (let i = 0; i < 120; i++) {
  const hello = admin.runCommand({ hello: 1 })
  if (hello.isWritablePrimary) break
  sleep(500)
}
if (!signedIn) {
  admin.createUser({ user: 'root', pwd: rootPassword, roles: ['root'] })
  console.log('root: created')
  signedIn = signIn()
}
for (const name of ['auth', 'event']) {
  const database = admin.getSiblingDB(`laurel_${name}`)
  const user = database.getUser(name)
  if (user !== null) continue
  database.createUser({ user: name, pwd: read(`/secrets/${name}/password`), roles: [{ role: 'readWrite', db: `laurel_${name}` }] })
  console.log(`${name}: created, for its own database only`)
}
quit(signedIn ? 0 : 1)
