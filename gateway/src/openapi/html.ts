/** The policy of every page under `/docs`: it loads only files that the gateway serves, and uses no `eval`. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  // The API reference inserts style elements.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join('; ')

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Returns text as HTML. Text in backticks becomes a `code` element. */
export function toHtml (text: string): string {
  return text.replaceAll(/[&<>"]/g, character => entities[character] as string)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

export interface Page {
  readonly title: string
  /** The path of a stylesheet. */
  readonly stylesheet?: string
  readonly body: string
}

/** Returns an HTML document. `title` is text, `body` is HTML. */
export function createPage ({ title, stylesheet, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${toHtml(title)}</title>
<link rel="icon" href="data:,">
${stylesheet === undefined ? '' : `<link rel="stylesheet" href="${stylesheet}">`}
</head>
<body>
${body}
</body>
</html>
`
}
