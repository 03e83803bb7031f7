// mongosh "$MONGODB_URI" deploy/mongodb/shard.js: shards the collections of a sharded cluster. Run it once, after the
// servers have created their indexes. Running it again changes nothing. On a replica set, it prints the plan and exits.
/* global db, sh, print, quit */

// `claims`, `stock` and the coupon collections are sharded by event, so all claims of an event are on one shard, where
// the unique index { eventId, slot } is enforced. `activities` and `snapshots` are sharded by user.
const plan = [
  { collection: 'claims', key: { eventId: 1 } },
  { collection: 'stock', key: { eventId: 1 } },
  { collection: 'couponCodes', key: { eventId: 1 } },
  { collection: 'couponPools', key: { eventId: 1 } },
  { collection: 'activities', key: { userId: 'hashed' } },
  { collection: 'snapshots', key: { userId: 'hashed' } },
  { collection: 'deliveries', key: { webhookId: 1 } }
]
const database = 'laurel_event'

const hello = db.hello()
const isSharded = hello.msg === 'isdbgrid'
if (isSharded) sh.enableSharding(database)
for (const { collection, key } of plan) {
  const namespace = `${database}.${collection}`
  const text = `${namespace} by ${JSON.stringify(key)}`
  if (!isSharded) {
    print(`would shard ${text}`)
    continue
  }
  const target = db.getSiblingDB(database).getCollection(collection)
  // A collection that is not empty needs an index that starts with the shard key and is neither partial nor sparse.
  const [[field, order]] = Object.entries(key)
  const indexes = target.getIndexes()
  const hasIndex = indexes.some(index =>
    Object.keys(index.key)[0] === field && index.key[field] === order && !index.partialFilterExpression)
  if (!hasIndex) target.createIndex(key)
  const known = db.getSiblingDB('config').collections.findOne({ _id: namespace })
  if (known === null) sh.shardCollection(namespace, key)
  print(`sharded ${text}`)
}
if (!isSharded) print('This is not a sharded cluster: nothing was changed. Connect to a mongos.')
quit(0)
