import { runFolderOf } from '../../test/kit/suite.ts'

await runFolderOf(import.meta.url)
