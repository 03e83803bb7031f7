export { backUp } from './back-up.ts'
export { runCommand } from './command.ts'
export type { DatabaseAddress } from './databases.ts'
export { restore, type RestoreOptions } from './restore.ts'
