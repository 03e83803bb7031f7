import { runSuite } from '../kit/run/suite.ts'

const packages = ['client', 'shared', 'auth-service', 'event-service']

// One process loads `shared` once. The gateway has suites of its own, which take as long as this one.
await runSuite(import.meta.url, packages.map(name => `../../${name}/test/unit`))
