import { readdirSync } from 'node:fs'
import t from 'tap'

/**
 * Runs the test files of a suite's folder one after the other in this process, so that the platform's code is compiled
 * and loaded once for all of them. Each of them runs alone, too.
 */
export async function runFolderOf (suite: string): Promise<void> {
  const folder = new URL('.', suite)
  const files = readdirSync(folder).filter(name => name.endsWith('.test.ts')).sort()
  // No test of one file runs while another still starts its servers: tests at the root wait until this one has ended.
  await t.test(`loads ${files.join(', ')}`, async t => {
    for (const file of files) {
      await import(new URL(file, folder).href)
      t.pass(file)
    }
  })
}
