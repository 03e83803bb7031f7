export default {
  fetch: { input: 'openapi.json', output: { target: 'orval/fetch.ts', client: 'fetch', baseUrl: process.env.URL } },
  zod: { input: 'openapi.json', output: { target: 'orval/zod.ts', client: 'zod' } }
}
