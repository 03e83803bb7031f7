import { readFileSync, writeFileSync } from 'node:fs'
import { publicContracts } from '@laurel/shared/contracts'
import { clientOperations } from './client-operations.ts'
import { filledDocuments, fillReadme } from './readme.ts'
import { unlistedContracts } from './unlisted-contracts.ts'

// `npm run readme`: run it in the root folder after changing a contract or an example.
const unlisted = unlistedContracts()
if (unlisted.length > 0) {
  throw new Error(`Add these contracts to the list in shared/src/contracts/index.ts: ${unlisted.join(', ')}.`)
}
for (const file of filledDocuments) {
  writeFileSync(file, fillReadme(readFileSync(file, 'utf8'), path => readFileSync(path, 'utf8')))
}
writeFileSync('client/src/operations.ts', clientOperations(publicContracts))
