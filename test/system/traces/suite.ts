import { runSuite } from '../../kit/run/suite.ts'

await runSuite(import.meta.url)
