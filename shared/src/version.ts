import { readFileSync } from 'node:fs'

const packageFile = new URL('../package.json', import.meta.url)

/** The version of Laurel. All of its packages have the same version. */
export const laurelVersion: string = JSON.parse(readFileSync(packageFile, 'utf8')).version
