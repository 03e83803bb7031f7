// Coverage is measured for the sources of the servers. The launcher is only a tool.
import { readdirSync } from 'node:fs'

const counted = ['shared', 'auth-service', 'event-service', 'gateway', 'client']

const sources = counted.flatMap(name => readdirSync(`${name}/src`, { recursive: true })
  .filter(file => file.endsWith('.ts'))
  .map(file => `${name}/src/${file}`))

export default file => file.startsWith('dev/') ? null : sources
