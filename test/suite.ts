import { runFolderOf } from './kit/suite.ts'

await runFolderOf(import.meta.url)
