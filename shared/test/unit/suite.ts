import { runSuite } from '../../../test/kit/run/suite.ts'

await runSuite(import.meta.url)
