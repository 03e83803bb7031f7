import { runSuite } from '../kit/run/suite.ts'

const packages = ['client', 'auth-service', 'event-service']

// One process loads `shared` once. `shared` and the gateway have their own suites, which take as long as this one.
await runSuite(import.meta.url, packages.map(name => `../../${name}/test/unit`))
