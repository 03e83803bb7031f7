import { runSuite } from '../../kit/run/suite.ts'

// The system tests of all packages in one process, which loads the three servers once.
const packages = ['auth-service', 'client', 'event-service', 'gateway']

await runSuite(import.meta.url, packages.map(name => `../../../${name}/test/system`))
