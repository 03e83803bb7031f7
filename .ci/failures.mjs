// Prints the failing assertions of a TAP report in about 60 lines, each with its file, its titles and its diff.
import { readFileSync } from 'node:fs'

const maxLines = 60
const maxDetails = 24

/** Returns the failures that contain no other one, each with its titles from the file to the assertion. */
function readFailures (lines) {
  const failures = []
  /** Failures whose parent has not been read yet: a parent follows its children. */
  let open = []
  for (const [index, line] of lines.entries()) {
    const [, indent, title] = /^( *)not ok \d+ - (.*?)(?: # time=[\d.]+ms)?$/.exec(line) ?? []
    if (indent === undefined) continue
    const depth = indent.length
    const children = open.filter(failure => failure.depth > depth)
    for (const child of children) {
      child.titles.unshift(title)
      child.depth = depth
    }
    if (children.length > 0) continue
    const failure = { depth, titles: [title], details: readDetails(lines, index + 1, depth) }
    failures.push(failure)
    open = [...open, failure]
  }
  return failures
}

/** Returns what the block after a failure says about it, without the stack and the source. */
function readDetails (lines, from, depth) {
  const block = []
  for (const line of lines.slice(from)) {
    if (line.trim() !== '' && line.search(/\S/) <= depth) break
    block.push(line.slice(depth + 2))
  }
  const details = []
  let isShown = true
  for (const line of block) {
    if (/^\S/.test(line)) isShown = !/^(stack|source|---|\.\.\.|jobId|at)\b|^---|^\.\.\./.test(line)
    if (isShown && line.trim() !== '') details.push(`    ${line}`)
  }
  const place = /fileName: (.*)\n *lineNumber: (\d+)/.exec(block.join('\n'))
  return place === null ? details : [`    at ${place[1]}:${place[2]}`, ...details]
}

const failures = readFailures(readFileSync(process.argv[2], 'utf8').split('\n'))
const details = Math.min(maxDetails, Math.max(0, Math.floor(maxLines / failures.length) - 1))
const lines = failures.flatMap(failure => [`- ${failure.titles.join(' > ')}`, ...failure.details.slice(0, details)])
for (const line of lines.slice(0, maxLines)) console.log(line)
if (lines.length > maxLines) console.log(`… and more: ${failures.length} in all`)
