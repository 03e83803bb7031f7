export { bounded, connectMongo, type Mongo } from './connect.ts'
export { isDuplicateKey, translateMongoError } from './errors.ts'
export { findPage, type ListQuery, type PageOf } from './page.ts'
export type { CollectionSpec } from './prepare.ts'
