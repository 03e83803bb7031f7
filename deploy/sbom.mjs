// node deploy/sbom.mjs [--check]: writes sbom.json (CycloneDX) and docs/licenses.md for all production dependencies.
// With --check, it writes nothing and fails if docs/licenses.md is out of date. In both cases, it fails if a license is
// not on the list below. It needs an installed node_modules and nothing else.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const allowed = new Set([
  '0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'Unlicense'
])
const page = 'docs/licenses.md'

const command = ['sbom', '--omit=dev', '--sbom-format=cyclonedx']
const sbom = JSON.parse(execFileSync('npm', command, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }))
sbom.metadata.component.name = 'laurel'

const licenseOf = ({ licenses = [] }) => licenses
  .map(({ license, expression }) => expression ?? license.id ?? license.name)
  .join(' AND ')
const nameOf = ({ group, name }) => group === undefined ? name : `${group}/${name}`
const packages = new Map(sbom.components
  .filter(component => !nameOf(component).startsWith('@laurel/'))
  .map(component => [nameOf(component), licenseOf(component)]))

const refused = [...packages].filter(([, license]) => !allowed.has(license))
for (const [name, license] of refused) {
  console.error(`${name}: the license "${license}" is not on the list in deploy/sbom.mjs`)
}
if (refused.length > 0) process.exit(1)

const groups = new Map()
for (const [name, license] of packages) groups.set(license, [...groups.get(license) ?? [], name])
const rows = [...groups].sort(([a], [b]) => a < b ? -1 : 1)
  .map(([license, names]) => `| ${license} | ${names.length} | ${names.map(name => `\`${name}\``).sort().join(', ')} |`)
const text = `# Licenses

What the servers install in production, by license. \`node deploy/sbom.mjs\` generates this page, and \`sbom.json\`
(CycloneDX) with the exact versions and hashes.

| license | packages | |
|---|---|---|
${rows.join('\n')}
`
if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== text) {
    console.error(`${page} is out of date: node deploy/sbom.mjs`)
    process.exit(1)
  }
} else {
  writeFileSync(page, text)
  writeFileSync('sbom.json', `${JSON.stringify(sbom, null, 2)}\n`)
}
console.log(`${packages.size} packages, ${groups.size} licenses`)
