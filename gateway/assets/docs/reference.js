/* global Scalar, fetch, document, location */
// Shows the OpenAPI document at /docs. It runs in a browser, after the API reference is loaded.

const quickStart = `## Quick start

**1. Log in.** With an account, send your email address and password to \`login\`. The response has an \`accessToken\`.
The first ADMIN signs in with the password that auth-service wrote into its data directory.

\`\`\`sh
curl -s ${location.origin}/v1/auth/login \\
  -H 'content-type: application/json' \\
  -d '{"email":"kim@example.com","password":"a long walk by the sea"}'
\`\`\`

New here? Create an account with \`register\` first.

**2. Use the token.** Paste the \`accessToken\` into **Authentication** on this page. The page keeps it in this browser,
also after a reload. In your own requests, send it in a header:

\`\`\`sh
curl -s ${location.origin}/v1/users/me -H "authorization: Bearer $TOKEN"
\`\`\`

**3. Renew it.** An access token is valid for 15 minutes. \`refresh\` returns new tokens for a \`refreshToken\`.

The badges of an operation name the roles that may use it.
[Error codes](/docs/errors) are explained on pages of their own. Tools read [/openapi.json](/openapi.json).`

const colors = {
  public: '#16803c',
  USER: '#1d63d8',
  OPERATOR: '#8a4bd0',
  AUDITOR: '#8a6100',
  ADMIN: '#c02a37',
  SERVICE: '#0b7285'
}

/** Adds what only this page needs: the quick start, and the roles as badges. */
function prepare (openapi) {
  for (const path of Object.values(openapi.paths)) {
    for (const operation of Object.values(path)) {
      operation['x-badges'] = operation['x-roles'].map(name => ({ name, color: colors[name], position: 'after' }))
    }
  }
  const { description } = openapi.info
  return { ...openapi, info: { ...openapi.info, description: `${description}\n\n${quickStart}` } }
}

async function show () {
  const response = await fetch('/openapi.json')
  Scalar.createApiReference('#reference', {
    content: prepare(await response.json()),
    pageTitle: document.title,
    // Nothing is loaded from elsewhere, and nothing is sent elsewhere.
    withDefaultFonts: false,
    proxyUrl: '',
    telemetry: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    externalUrls: {},
    hideClientButton: true,
    showDeveloperTools: 'never',
    documentDownloadType: 'none',
    // The token survives a reload.
    persistAuth: true,
    authentication: { preferredSecurityScheme: 'bearer' },
    defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
    hiddenClients: {
      c: true,
      clojure: true,
      csharp: true,
      dart: true,
      fsharp: true,
      go: true,
      http: true,
      java: true,
      js: ['axios', 'jquery', 'ofetch', 'xhr'],
      julia: true,
      kotlin: true,
      node: true,
      objc: true,
      ocaml: true,
      php: true,
      powershell: true,
      python: ['aiohttp', 'httpx_async', 'httpx_sync', 'python3'],
      r: true,
      ruby: true,
      rust: true,
      shell: ['httpie', 'wget'],
      swift: true
    },
    hideModels: false,
    expandAllResponses: false
  })
}

void show()
