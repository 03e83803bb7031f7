import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { backUp, restore, runCommand, type DatabaseAddress } from '@laurel/shared/backup'
import { connectMongo } from '@laurel/shared/mongo'
import {
  Binary, Decimal128, Double, Int32, Long, MaxKey, MongoClient, MongoServerError, ObjectId, Timestamp, UUID, type Db
} from 'mongodb'
import t, { type Test } from 'tap'
import { clusterOf, explainSnapshotError } from '../../src/mongo/backup/back-up.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { scratch } from '../../../test/kit/run/scratch.ts'
import { startScript } from '../../../test/kit/servers/child.ts'
import { startStandalone } from '../support/standalone.ts'

interface Pair {
  readonly addresses: readonly [DatabaseAddress, DatabaseAddress]
  readonly auth: Db
  readonly event: Db
}

/** Returns the two databases of a platform. */
function platform (t: Test): Pair {
  const [auth, event] = [ownDatabase(t, 'auth'), ownDatabase(t, 'event')]
  return {
    addresses: [{ name: 'laurel_auth', uri: auth.uri }, { name: 'laurel_event', uri: event.uri }],
    auth: auth.client.db(auth.name),
    event: event.client.db(event.name)
  }
}

/** Returns a folder that does not exist yet. */
const newDir = (t: Test): string => join(scratch(t), 'backup')

/** Makes a backup of two small databases. */
async function smallBackup (t: Test): Promise<string> {
  const { addresses, auth, event } = platform(t)
  await auth.collection<{ _id: string }>('users').insertMany([{ _id: 'kim' }, { _id: 'lee' }])
  await event.collection<{ _id: string }>('claims').insertOne({ _id: 'c1' })
  const dir = newDir(t)
  await backUp(addresses, dir)
  return dir
}

/** Changes the content of a file and updates the manifest accordingly. */
async function forge (dir: string, file: string, content: Buffer): Promise<void> {
  const bytes = gzipSync(content)
  await writeFile(join(dir, file), bytes)
  const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8'))
  for (const entry of manifest.databases.flatMap(({ collections }: any) => collections)) {
    if (entry.file !== file) continue
    Object.assign(entry, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
  }
  await writeFile(join(dir, 'manifest.json'), JSON.stringify(manifest))
}

t.test('backup and restore', { jobs: 8 }, t => {
  void t.test('every value keeps its type, and every document is restored, even large ones', async t => {
    const [source, target] = [platform(t), platform(t)]
    const types = {
      _id: new ObjectId(),
      int: new Int32(1),
      double: new Double(1),
      long: Long.fromString('9007199254740993'),
      decimal: Decimal128.fromString('1.10'),
      time: new Timestamp({ t: 5, i: 6 }),
      bytes: new Binary(Buffer.from([0, 255])),
      uuid: new UUID(),
      at: new Date(1),
      nothing: null,
      max: new MaxKey(),
      pattern: /a/i,
      list: [new Int32(2), { deep: new Double(3) }]
    }
    await source.event.collection('types').insertOne(types)
    const many = Array.from({ length: 2500 }, (_, index) => ({ index, text: 'x'.repeat(100) }))
    await source.event.collection('many').insertMany([...many, { index: -1, text: 'y'.repeat(9_000_000) }])
    await source.auth.createCollection('empty')
    const lines: string[] = []
    const dir = newDir(t)
    const { databases } = await backUp(source.addresses, dir, line => { lines.push(line) })
    t.same(lines, [
      'laurel_auth.empty: 0 documents', 'laurel_event.many: 2501 documents', 'laurel_event.types: 1 documents'
    ])
    t.same(databases.map(({ name }) => name), ['laurel_auth', 'laurel_event'])

    // An empty collection does not prevent a restore.
    await target.event.createCollection('many')
    await restore(target.addresses, dir)
    const exactly = { promoteValues: false, bsonRegExp: true }
    const read = async (db: Db, name: string) => await db.collection(name).find({}, exactly).toArray()
    t.same(await read(target.event, 'types'), await read(source.event, 'types'))
    t.same(await read(target.event, 'many'), await read(source.event, 'many'))
    t.same((await target.auth.listCollections().toArray()).map(({ name }) => name).sort(), ['empty', 'locks'])
  })

  void t.test('writes after the start of a backup are not in it', async t => {
    const { addresses, auth, event } = platform(t)
    const users = auth.collection<{ _id: number }>('users')
    const claims = event.collection<{ _id: number }>('claims')
    await users.insertOne({ _id: 0 })
    await claims.insertOne({ _id: 0 })
    let writes: Promise<unknown> | undefined
    // The first collection has been saved. Now a user registers and claims.
    const { databases } = await backUp(addresses, newDir(t), () => {
      writes ??= Promise.all([users.insertOne({ _id: 1 }), claims.insertOne({ _id: 1 })])
    })
    await writes
    t.same(databases.map(({ collections }) => collections.map(({ documents }) => documents)), [[1], [1]])
  })

  void t.test('an index that is created during the backup can make it fail with an explanation', async t => {
    const { addresses, auth, event } = platform(t)
    await auth.collection('users').insertOne({})
    await event.collection('claims').insertOne({})
    let change: Promise<unknown> | undefined
    const dir = newDir(t)
    // MongoDB 7 and later are not affected.
    const outcome = await backUp(addresses, dir, () => { change ??= event.collection('claims').createIndex({ a: 1 }) })
      .catch((error: unknown) => error)
    await change
    if (!(outcome instanceof Error)) return
    const message = 'A collection or an index was created during the backup. Try again.'
    t.match(outcome, { name: 'StartupError', message })
    await t.rejects(restore(addresses, dir, { replace: true }), { message: /does not contain a complete backup/ })
  })

  void t.test('a replica set is identified by its primary, a sharded cluster by its routers', async t => {
    const { client } = ownDatabase(t, 'cluster')
    t.match(await clusterOf(client), /^\S+ \S+:\d+$/)
    const uri = await startStandalone(t, { msg: 'isdbgrid' })
    const sharded = new MongoClient(uri)
    t.teardown(async () => { await sharded.close() })
    t.equal(await clusterOf(sharded), new URL(uri).host)
  })

  void t.test('if MongoDB has no snapshot of the instant, the error explains what to do', async t => {
    const explained = (code: number): unknown => explainSnapshotError(new MongoServerError({ code, message: 'no' }))
    t.match(explained(239), { name: 'StartupError', message: /longer than MongoDB keeps old states \(minSnapshot/ })
    t.match(explained(246), { name: 'StartupError', message: /created during the backup\. Try again\.$/ })
    t.match(explained(13), { name: 'MongoServerError', message: 'no' })
    const other = new Error('the disk is full')
    t.equal(explainSnapshotError(other), other)
  })

  void t.test('a folder that is not empty is rejected', async t => {
    const dir = newDir(t)
    await mkdir(dir)
    await writeFile(join(dir, 'notes'), '')
    await t.rejects(backUp(platform(t).addresses, dir), {
      name: 'StartupError', message: `${dir} is not empty; choose a new folder.`
    })
  })

  void t.test('a database that is not empty is rejected, and replaced only on request', async t => {
    const dir = await smallBackup(t)
    const { addresses, auth, event } = platform(t)
    await event.collection<{ _id: string }>('claims').insertOne({ _id: 'other' })
    await t.rejects(restore(addresses, dir), {
      name: 'StartupError', message: /claims is not empty; use --replace to delete its contents\.$/
    })
    t.same(await auth.listCollections().toArray(), [], 'nothing was written')
    await event.collection('snapshots').insertOne({})
    await restore(addresses, dir, { replace: true })
    t.same(await event.collection('claims').find().toArray(), [{ _id: 'c1' }])
    t.equal(await event.collection('snapshots').countDocuments(), 0)
    t.equal(await auth.collection('users').countDocuments(), 2)
  })

  void t.test('no server starts on a database whose restore was interrupted', async t => {
    const dir = await smallBackup(t)
    await forge(dir, 'laurel_event/claims.bson.gz', Buffer.from([9, 0, 0, 0, 0]))
    const { addresses } = platform(t)
    await t.rejects(restore(addresses, dir), { message: 'A backup file ends in the middle of a document.' })
    for (const { uri } of addresses) {
      await t.rejects(connectMongo(uri, 'none', 'a-test', [], { startupTimeout: 0 }), {
        name: 'StartupError', message: /is not complete: a restore is running or was interrupted/
      })
    }
    await restore(addresses, await smallBackup(t), { replace: true })
    for (const { uri } of addresses) await (await connectMongo(uri, 'none', 'a-test', [])).close()
  })

  void t.test('a damaged backup changes nothing', async t => {
    const { addresses, auth, event } = platform(t)
    const rejected = async (dir: string, message: RegExp): Promise<void> => {
      await t.rejects(restore(addresses, dir), { name: 'StartupError', message })
      t.same([...await auth.listCollections().toArray(), ...await event.listCollections().toArray()], [])
    }
    const file = 'laurel_event/claims.bson.gz'
    const damaged = await smallBackup(t)
    const bytes = await readFile(join(damaged, file))
    bytes[bytes.length - 1] = 255 - Number(bytes.at(-1))
    await writeFile(join(damaged, file), bytes)
    await rejected(damaged, /claims\.bson\.gz is damaged/)
    const incomplete = await smallBackup(t)
    await rm(join(incomplete, file))
    await rejected(incomplete, /claims\.bson\.gz cannot be read \(ENOENT\)/)
    const unfinished = await smallBackup(t)
    await rm(join(unfinished, 'manifest.json'))
    await rejected(unfinished, /does not contain a complete backup/)
    const later = await smallBackup(t)
    await writeFile(join(later, 'manifest.json'), '{"format":2}')
    await rejected(later, /has format 2; this version can read only format 1/)
    const half = await smallBackup(t)
    const manifest = JSON.parse(await readFile(join(half, 'manifest.json'), 'utf8'))
    await writeFile(join(half, 'manifest.json'), JSON.stringify({ ...manifest, databases: [manifest.databases[0]] }))
    await rejected(half, /does not contain laurel_event/)
  })

  void t.test('a file that is not BSON, or has the wrong number of documents, is rejected', async t => {
    const file = 'laurel_auth/users.bson.gz'
    for (const [content, message] of [
      [Buffer.from('Hello, this is a text.'), /is not valid BSON/],
      [Buffer.from([5, 0, 0, 0, 0]), /has 1 documents, but the manifest says 2/]
    ] as const) {
      const dir = await smallBackup(t)
      await forge(dir, file, content)
      await t.rejects(restore(platform(t).addresses, dir), { name: 'StartupError', message })
    }
  })

  void t.test('npm run backup and npm run restore', async t => {
    const [source, target] = [platform(t), platform(t)]
    await source.auth.collection('users').insertOne({ name: 'Kim' })
    const envOf = ({ addresses: [auth, event] }: Pair): Record<string, string> =>
      ({ AUTH_MONGODB_URI: auth.uri, EVENT_MONGODB_URI: event.uri })
    const dir = newDir(t)
    const lines: string[] = []
    const run = async (args: readonly string[], env: Record<string, string>): Promise<void> => {
      await runCommand(args, env, line => { lines.push(line) })
    }
    await run(['backup', dir], envOf(source))
    t.match(lines, ['laurel_auth.users: 1 documents', /^Backed up laurel_auth as of 20/, /^Backed up laurel_event/])
    await run(['restore', dir], envOf(target))
    t.match(lines.at(-1), /^Restored\. Start the servers, which create the indexes/)
    t.match(await target.auth.collection('users').find().toArray(), [{ name: 'Kim' }])
    await t.rejects(run(['restore', dir], envOf(target)), { message: /users is not empty/ })
    await run(['restore', dir, '--replace'], envOf(target))
    for (const args of [[], ['backup'], ['backup', dir, '--replace'], ['restore', dir, dir], ['x', dir], ['-x']]) {
      await t.rejects(run(args, envOf(target)), { message: /^Usage: npm run backup -- DIR/ }, args.join(' '))
    }
    await t.rejects(run(['backup', dir], {}), { message: /MONGODB_URI or AUTH_MONGODB_URI is required/ })
    const nowhere = { MONGODB_URI: 'mongodb://127.0.0.1:1' }
    await t.rejects(run(['backup', newDir(t)], nowhere), { message: /^MONGODB_URI: cannot reach MongoDB/ })

    const main = new URL('../../dist/mongo/backup/main.js', import.meta.url)
    const child = startScript(t, main, envOf(target), ['restore', dir])
    t.match(await child.exited, { code: 1 })
    t.match(child.stderr(), /^laurel: .*users is not empty/)
  })

  t.end()
})
