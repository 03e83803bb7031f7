import { runSuite } from '../../../../test/kit/run/suite.ts'
// Its requests wait while other tests run.
import '../../support/hanging.ts'

await runSuite(import.meta.url)
