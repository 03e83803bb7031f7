import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

const documents = ['.', 'client', 'docs', 'docs/decisions', 'deploy/tls']
  .flatMap(folder => readdirSync(folder).filter(name => name.endsWith('.md')).map(name => join(folder, name)))

const read = (path: string): string => readFileSync(path, 'utf8')
const withoutCode = (text: string): string => text.replace(/^```[^]*?^```/gm, '')

/** Returns the anchors that GitHub generates from the headings of a document. */
function anchorsOf (text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading.toLowerCase().replace(/[^\p{Letter}\p{Number} _-]/gu, '').replaceAll(' ', '-'))
}

/** Returns the relative links of a document to missing files or headings. */
function brokenLinks (document: string): string[] {
  const links = [...withoutCode(read(document)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter(link => !/^https?:/.test(link)).filter(link => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? document : join(dirname(document), path)
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(read(target)).includes(anchor))
  })
}

t.test('every link in the documents refers to an existing file or heading', async t => {
  for (const document of documents) t.same(brokenLinks(document), [], document)
})

t.test('both READMEs are short', async t => {
  for (const readme of ['README.md', 'README.ko.md']) {
    t.ok(read(readme).trimEnd().split('\n').length <= 250, `${readme} has at most 250 lines`)
  }
})

t.test('every decision record has a status and a date, and is in the list', async t => {
  const list = read('docs/decisions/README.md')
  for (const name of readdirSync('docs/decisions').filter(name => /^\d/.test(name))) {
    const text = read(join('docs/decisions', name))
    const [, status, date] = /^Status: (.+)\. Date: (\d{4}-\d\d-\d\d)\.$/m.exec(text) ?? []
    t.ok(list.includes(`](${name}) | ${status} | ${date} |`), name)
  }
})
