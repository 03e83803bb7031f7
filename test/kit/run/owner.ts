import type { Test } from 'tap'

/** The owner of started resources, which stops them: a test or a program. */
export type Owner = Pick<Test, 'teardown'>
