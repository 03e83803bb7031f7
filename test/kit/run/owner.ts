import type { Test } from 'tap'

/** Whoever ends what was started: a test, or a program that is none. */
export type Owner = Pick<Test, 'teardown'>
