import { publicContracts, type Access, type RouteContract } from '@laurel/shared/contracts'

/** The documents that show scripts or the table of the API. */
export const filledDocuments = ['README.md', 'README.ko.md', 'docs/api.md', 'docs/story.md'] as const

/** Reads a file of the repository by its path from the root. */
type ReadFile = (path: string) => string

/**
 * A README with what it shows of the repository filled in anew: each script between `<!-- file: PATH -->` and
 * `<!-- end -->`, and the table of the API, made from the contracts, between `<!-- api -->` and `<!-- end -->`.
 */
export function fillReadme (text: string, read: ReadFile): string {
  return text.replace(/<!-- (api|file: (\S+)) -->\n[\s\S]*?<!-- end -->/g, (_, what: string, path: string | undefined) =>
    `<!-- ${what} -->\n${path === undefined ? apiTable(publicContracts) : `\`\`\`sh\n${read(path)}\`\`\``}\n<!-- end -->`)
}

function apiTable (contracts: readonly RouteContract[]): string {
  const rows = contracts.map(({ operationId, method, url, access, summary }) =>
    `| ${operationId} | \`${method} ${url}\` | ${showAccess(access)} | ${summary} |`)
  return ['| operation | method and path | who | |', '|---|---|---|---|', ...rows].join('\n')
}

function showAccess (access: Access): string {
  return typeof access === 'string' ? access : access.join(', ')
}
