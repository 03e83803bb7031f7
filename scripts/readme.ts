import { extname } from 'node:path'
import { publicContracts, type Access, type RouteContract } from '@laurel/shared/contracts'

/** The documents that contain files of the repository or the API table. */
export const filledDocuments = [
  'README.md', 'README.ko.md', 'docs/api.md', 'docs/operators.md', 'docs/presets.md', 'docs/story.md'
] as const

/** Reads a file of the repository by its path from the root. */
type ReadFile = (path: string) => string

/**
 * Returns a document with its generated parts updated: each file between `<!-- file: PATH -->` and `<!-- end -->`, and
 * the table of the API between `<!-- api -->` and `<!-- end -->`.
 */
export function fillReadme (text: string, read: ReadFile): string {
  return text.replace(/<!-- (api|file: (\S+)) -->\n[\s\S]*?<!-- end -->/g, (_, what: string, path?: string) => {
    const content = path === undefined ? apiTable(publicContracts) : codeBlock(path, read(path))
    return `<!-- ${what} -->\n${content}\n<!-- end -->`
  })
}

function codeBlock (path: string, content: string): string {
  return `\`\`\`${extname(path).slice(1)}\n${content}\`\`\``
}

function apiTable (contracts: readonly RouteContract[]): string {
  const rows = contracts.map(({ operationId, method, url, access, summary }) =>
    `| ${operationId} | \`${method} ${url}\` | ${showAccess(access)} | ${summary} |`)
  return ['| operation | method and path | who | |', '|---|---|---|---|', ...rows].join('\n')
}

function showAccess (access: Access): string {
  return typeof access === 'string' ? access : access.join(', ')
}
