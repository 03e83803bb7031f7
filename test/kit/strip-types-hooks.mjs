import { transformSync } from '@swc/wasm-typescript'

/** Loads a `.ts` module as the JavaScript that is left without its types. */
export async function load (url, context, nextLoad) {
  if (!url.endsWith('.ts')) return await nextLoad(url, context)
  const { source } = await nextLoad(url, { ...context, format: 'module' })
  return { format: 'module', source: transformSync(source.toString(), { mode: 'strip-only', filename: url }).code, shortCircuit: true }
}
