import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
// Before anything is replaced below: `wholeRun` keeps the teardown of the process.
import './whole-run.ts'

/**
 * Runs all test files of a suite's folder, and of `more` folders relative to it, in this process, so that the code of
 * the servers is loaded once. The servers that a file has started are stopped when its tests have ended, because they
 * do background work even without requests. Each file can also run alone.
 */
export async function runSuite (suite: string, more: readonly string[] = []): Promise<void> {
  const files = ['.', ...more].flatMap(folder => testFilesIn(new URL(`${folder}/`, suite)))
  for (const file of files) {
    const cleanups: Array<() => unknown> = []
    t.teardown = cleanup => { cleanups.unshift(cleanup) }
    // tap runs the tests of the file after this one, when the file has started its servers.
    await t.test(`${basename(file)} is loaded`, async t => {
      await import(file)
      t.pass(file)
    })
    // tap runs this test after the tests of the file.
    await t.test(`${basename(file)} has ended`, async () => {
      for (const cleanup of cleanups) await cleanup()
    })
  }
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
