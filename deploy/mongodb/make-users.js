// Run by mongosh beside mongod: makes the replica set and the users, and changes nothing that is there.
/* global Mongo, sleep, quit */
const fs = require('fs')

const read = file => fs.readFileSync(file, 'utf8').trim()
const rootPassword = read('/secrets/mongodb/root-password')
const admin = new Mongo('mongodb://127.0.0.1:27017/?directConnection=true').getDB('admin')

// mongosh waits for a call only where its result is used, so each result has a name before it is returned.
function signIn () {
  try {
    const answer = admin.auth('root', rootPassword)
    return answer.ok === 1
  } catch {
    return false
  }
}

function beginReplicaSet () {
  try {
    const answer = admin.runCommand({ replSetInitiate: { _id: 'laurel', members: [{ _id: 0, host: 'mongodb:27017' }] } })
    return `replica set: ${answer.ok === 1 ? 'made' : answer.codeName}`
  } catch (error) {
    return `replica set: ${error.codeName ?? error.message}`
  }
}

let signedIn = signIn()
if (!signedIn) console.log(beginReplicaSet())
for (let i = 0; i < 120; i++) {
  const hello = admin.runCommand({ hello: 1 })
  if (hello.isWritablePrimary) break
  sleep(500)
}
if (!signedIn) {
  admin.createUser({ user: 'root', pwd: rootPassword, roles: ['root'] })
  console.log('root: made')
  signedIn = signIn()
}
for (const name of ['auth', 'event']) {
  const database = admin.getSiblingDB(`laurel_${name}`)
  const user = database.getUser(name)
  if (user !== null) continue
  database.createUser({ user: name, pwd: read(`/secrets/${name}/password`), roles: [{ role: 'readWrite', db: `laurel_${name}` }] })
  console.log(`${name}: made, for its own database only`)
}
quit(signedIn ? 0 : 1)
