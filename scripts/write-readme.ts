import { readFileSync, writeFileSync } from 'node:fs'
import { fillReadme } from './readme.ts'

// `npm run readme`: run at the root, after a contract or an example has changed.
for (const file of ['README.md', 'README.ko.md']) {
  writeFileSync(file, fillReadme(readFileSync(file, 'utf8'), path => readFileSync(path, 'utf8')))
}
