import t from 'tap'
import type { Owner } from './owner.ts'

/** Resources that all test files of a process share are stopped when the process exits. */
export const wholeRun: Owner = { teardown: t.teardown.bind(t) }
