import t from 'tap'
import type { Owner } from './owner.ts'

/** What belongs to all test files of a process is stopped when the process ends. */
export const wholeRun: Owner = { teardown: t.teardown.bind(t) }
