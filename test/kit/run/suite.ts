import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/**
 * Runs all test files of a suite's folder, and of `more` folders relative to it, in this process: the servers' code is
 * loaded once for all of them. Each file also runs alone.
 */
export async function runSuite (suite: string, more: readonly string[] = []): Promise<void> {
  const files = ['.', ...more].flatMap(folder => testFilesIn(new URL(`${folder}/`, suite)))
  // Tests of the files wait until this one has ended, so that no file runs while another one still starts its servers.
  await t.test('all files are loaded', async t => {
    for (const file of files) {
      await import(file)
      t.pass(file)
    }
  })
}

function testFilesIn (folder: URL): string[] {
  return readdirSync(fileURLToPath(folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.ts'))
    .sort()
    .map(name => new URL(name, folder).href)
}
