import { readFileSync, writeSync } from 'node:fs'

// node show.mjs --step TEXT
// node show.mjs [--take] STATUS [FIELD…], with curl's output on stdin; story.sh says how curl writes it.
const { argv, env } = process
const isTake = argv[2] === '--take'
const screen = isTake ? 2 : 1
const isTerminal = (isTake ? process.stderr : process.stdout).isTTY
const hasColors = !env.NO_COLOR && (isTerminal || env.FORCE_COLOR !== undefined)
const paint = (code, text) => hasColors ? `\u001B[${code}m${text}\u001B[0m` : text
const bold = text => paint(1, text)
const gray = text => paint(90, text)
const longest = 60

if (argv[2] === '--step') {
  writeSync(1, `\n${bold(argv[3])}\n`)
} else {
  const [expected, ...fields] = argv.slice(isTake ? 3 : 2)
  showResponse(Number(expected), fields)
}

function showResponse (expected, fields) {
  const text = readFileSync(0, 'utf8')
  const end = text.lastIndexOf('\n')
  const [code, method, url = ''] = text.slice(end + 1).split(' ')
  const status = Number(code)
  if (!URL.canParse(url) || status === 0) fail(`The platform is not running at ${env.API}. Start it with npm start.`)
  const { pathname, search } = new URL(url)
  const body = parse(text.slice(0, end))
  const color = status >= 400 ? 33 : 32
  const found = fields.filter((_, index) => !isTake || index > 0).map(field => {
    const value = String(read(body, field))
    const shown = value.length > longest ? `${value.slice(0, longest - 1)}…` : value
    return `${gray(labelOf(field))} ${shown}`
  })
  const isExpected = status === expected
  const shortPath = `${pathname}${search}`.replace(/[0-9a-f]{24}/g, id => `${id.slice(0, 6)}…`)
  const request = `${method.padEnd(5)} ${shortPath}`.padEnd(52)
  writeSync(screen, `  ${request} ${paint(isExpected ? color : 31, status)}  ${isExpected ? found.join('  ') : ''}\n`)
  if (status === 401 && pathname === '/v1/auth/login') {
    fail('Wrong ADMIN password. Set ADMIN_PASSWORD to the content of first-admin-password in the data folder.')
  }
  if (!isExpected) fail(`Expected ${expected}: ${body?.detail ?? text.slice(0, end)}`)
  const missing = fields.find(field => read(body, field) === undefined)
  if (missing !== undefined) fail(`The response has no ${missing}.`)
  if (isTake) writeSync(1, `${read(body, fields[0])}\n`)
}

function parse (text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `data.0.status` reads a field of the first element; `data.length` is the number of elements. */
function read (body, field) {
  return field.split('.').reduce((value, name) => value?.[name], body)
}

/** `data.0.progress.current` is shown as `current`, `data.length` as `entries`. */
function labelOf (field) {
  const name = field.split('.').at(-1)
  return name === 'length' ? 'entries' : name
}

function fail (sentence) {
  writeSync(2, `${paint(31, sentence)}\n`)
  process.exit(1)
}
