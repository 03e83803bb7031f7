import { runSuite } from '../../kit/run/suite.ts'

// Both start processes from source, whose coverage is measured.
await runSuite(import.meta.url, ['../../../shared/test/system'])
