// Coverage counts the servers' sources. The launcher is a tool around them.
import { readdirSync } from 'node:fs'

const counted = ['shared', 'auth-service', 'event-service', 'gateway', 'client']

const sources = counted.flatMap(name => readdirSync(`${name}/src`, { recursive: true })
  .filter(file => file.endsWith('.ts'))
  .map(file => `${name}/src/${file}`))

export default file => file.startsWith('dev/') ? null : sources
