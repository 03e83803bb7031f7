// mongosh runs this script next to mongod. It initiates the replica set and creates the users, unless they exist.
/* global Mongo, sleep, quit */
const fs = require('fs')

const users = [
  { name: 'auth', database: 'laurel_auth', roles: [{ role: 'readWrite', db: 'laurel_auth' }] },
  { name: 'event', database: 'laurel_event', roles: [{ role: 'readWrite', db: 'laurel_event' }] },
  { name: 'monitor', database: 'admin', roles: [{ role: 'clusterMonitor', db: 'admin' }] }
]

const read = file => fs.readFileSync(file, 'utf8').trim()
const rootPassword = read('/secrets/mongodb/root-password')
const admin = new Mongo('mongodb://127.0.0.1:27017/?directConnection=true').getDB('admin')

// mongosh awaits a call only if its result is used, so each result is assigned to a variable before it is returned.
function signIn () {
  try {
    const answer = admin.auth('root', rootPassword)
    return answer.ok === 1
  } catch {
    return false
  }
}

function initiateReplicaSet () {
  const config = { _id: 'laurel', members: [{ _id: 0, host: 'mongodb:27017' }] }
  try {
    const answer = admin.runCommand({ replSetInitiate: config })
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
for (const { name, database, roles } of users) {
  const own = admin.getSiblingDB(database)
  const user = own.getUser(name)
  if (user !== null) continue
  own.createUser({ user: name, pwd: read(`/secrets/${name}/password`), roles })
  console.log(`${name}: created`)
}
quit(signedIn ? 0 : 1)
