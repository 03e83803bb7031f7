import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/**
 * Runs all test files of a suite's folder, and of `more` folders relative to it, in this process, so that the code of
 * the servers is loaded only once. Each file can also run alone.
 */
export async function runSuite (suite: string, more: readonly string[] = []): Promise<void> {
  const files = ['.', ...more].flatMap(folder => testFilesIn(new URL(`${folder}/`, suite)))
  // The tests of the files wait until this test has ended, so that no file runs while another one is starting its
  // servers.
  await t.test('all test files are loaded', async t => {
    for (const file of files) {
      await import(file)
      t.pass(file)
    }
  })
}

/** Returns the test files of a folder, excluding subfolders that have their own suite. */
function testFilesIn (folder: URL): string[] {
  const names = readdirSync(fileURLToPath(folder), { recursive: true, encoding: 'utf8' })
  const others = names.filter(name => name.endsWith('/suite.ts')).map(name => name.slice(0, -'suite.ts'.length))
  return names
    .filter(name => name.endsWith('.test.ts') && !others.some(other => name.startsWith(other)))
    .sort()
    .map(name => new URL(name, folder).href)
}
