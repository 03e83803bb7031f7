// Coverage is measured for the sources of the servers. Only test/system/traces, which starts servers from source,
// measures it with several processes: the other suites of that kind would add no lines, and block coverage makes a
// process a sixth slower. tap starts suites without coverage first, so that the longest of them does not run alone at
// the end.
import { readdirSync } from 'node:fs'

const counted = ['shared', 'auth-service', 'event-service', 'gateway', 'client']

const sources = counted.flatMap(name => readdirSync(`${name}/src`, { recursive: true })
  .filter(file => file.endsWith('.ts'))
  .map(file => `${name}/src/${file}`))

const isMeasured = file => !/^(dev|test\/system)\//.test(file) || file.startsWith('test/system/traces/')

export default file => isMeasured(file) ? sources : null
