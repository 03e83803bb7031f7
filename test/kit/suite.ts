import { readdirSync } from 'node:fs'
import t from 'tap'

/**
 * Runs the test files that lie beside a suite, and in these folders beside it, one after the other in this process, so that
 * the platform's code is compiled and loaded once for all of them. Each of them runs alone, too.
 */
export async function runFolderOf (suite: string, folders: readonly string[] = []): Promise<void> {
  const files = ['.', ...folders].flatMap(folder => readdirSync(new URL(folder, suite))
    .filter(name => name.endsWith('.test.ts'))
    .sort()
    .map(name => `${folder}/${name}`))
  // No test of one file runs while another still starts its servers: tests at the root wait until this one has ended.
  await t.test('all files are loaded', async t => {
    for (const file of files) {
      await import(new URL(file, suite).href)
      t.pass(file)
    }
  })
}
