import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** All processes of a test run load the same files, so stripped files are cached for other processes. */
const cache = fileURLToPath(new URL('../../../node_modules/.cache/strip-types/', import.meta.url))
mkdirSync(cache, { recursive: true })

const domain = new URL('./error-domain.mjs', import.meta.url).href

/** Gives tap an `async-hook-domain` that costs nothing. */
export async function resolve (specifier, context, nextResolve) {
  if (specifier === 'async-hook-domain') return { url: domain, shortCircuit: true }
  return await nextResolve(specifier, context)
}

/** Loads a `.ts` module as JavaScript by replacing its types with spaces. */
export async function load (url, context, nextLoad) {
  if (!url.endsWith('.ts')) return await nextLoad(url, context)
  const { source } = await nextLoad(url, { ...context, format: 'module' })
  return { format: 'module', source: await strip(source.toString(), url), shortCircuit: true }
}

async function strip (source, filename) {
  const file = `${cache}${createHash('sha256').update(source).digest('hex')}.js`
  try {
    return readFileSync(file, 'utf8')
  } catch {
    const { transformSync } = await import('@swc/wasm-typescript')
    const { code } = transformSync(source, { mode: 'strip-only', filename })
    // Another process may read the file at the same time.
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, code)
    renameSync(draft, file)
    return code
  }
}
