import type { Migration } from '@laurel/shared/mongo'
import { MongoClient } from 'mongodb'
import t from 'tap'
import { migrations } from '../../src/stores/migrations.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startMongoGate } from '../../../test/kit/mongo/gate.ts'

interface User {
  readonly _id: string
  readonly name: string | null
  readonly searchName?: string | null
}

const searchNames = migrations.find(({ id }) => id === '0001-search-names') as Migration

t.test('every user gets the search form of the name, 500 in a command; the lock is checked before each', async t => {
  const { client, name } = ownDatabase(t, 'migrations')
  const users = client.db(name).collection<User>('users')
  const named = Array.from({ length: 1000 }, (_, index) => ({ _id: `user-${index + 1000}`, name: `Özge ${index}` }))
  await users.insertMany([
    ...named, { _id: 'nameless', name: null }, { _id: 'new', name: 'Kim', searchName: 'kim' }
  ])
  let checks = 0
  await searchNames.run(client.db(name), () => { checks += 1 })
  t.equal(checks, 3)
  const migrated = await users.find({ _id: /^user-/ }).sort({ _id: 1 }).toArray()
  t.strictSame(migrated, named.map(user => ({ ...user, searchName: user.name.toLowerCase() })))
  t.match(await users.findOne({ _id: 'nameless' }), { searchName: null })
  t.match(await users.findOne({ _id: 'new' }), { searchName: 'kim' })
})

t.test('a user who is renamed during the migration keeps the search form of the new name', async t => {
  const { uri, client, name } = ownDatabase(t, 'migrations')
  const gate = await startMongoGate(t, uri)
  const users = client.db(name).collection<User>('users')
  await users.insertMany([{ _id: 'kim', name: 'Kim' }, { _id: 'lee', name: 'Lee' }])
  const { reached, open } = gate.hold('update', 'users')
  const slow = new MongoClient(gate.uri)
  t.teardown(async () => { await slow.close() })
  const migration = searchNames.run(slow.db(name), () => undefined)
  await reached
  await users.updateOne({ _id: 'kim' }, { $set: { name: 'Ann', searchName: 'ann' } })
  open()
  await migration
  t.match(await users.find().sort({ _id: 1 }).toArray(), [{ searchName: 'ann' }, { searchName: 'lee' }])
})
