import { transformSync } from '@swc/wasm-typescript'

/** Loads a `.ts` module as JavaScript: its types become blanks. */
export async function load (url, context, nextLoad) {
  if (!url.endsWith('.ts')) return await nextLoad(url, context)
  const { source } = await nextLoad(url, { ...context, format: 'module' })
  const { code } = transformSync(source.toString(), { mode: 'strip-only', filename: url })
  return { format: 'module', source: code, shortCircuit: true }
}
