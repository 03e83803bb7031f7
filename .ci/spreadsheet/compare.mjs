// Compares the cells that a spreadsheet shows with the claims: `node compare.mjs FILE claims.json`.
import { deepStrictEqual, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import XLSX from 'xlsx'

const [file, answers] = process.argv.slice(2)
const { claims, events } = JSON.parse(readFileSync(answers, 'utf8'))

/** Returns the rows of the file. With `raw`, each cell is the unconverted text. */
function read (raw) {
  const { Sheets: sheets, SheetNames: [first] } = XLSX.read(readFileSync(file), { cellDates: true, raw })
  for (const [address, { f }] of Object.entries(sheets[first]).filter(([address]) => !address.startsWith('!'))) {
    ok(f === undefined, `${address} is a formula: ${f}`)
  }
  const [columns, ...lines] = XLSX.utils.sheet_to_json(sheets[first], { header: 1, raw: true, defval: '' })
  return lines.map(line => Object.fromEntries(columns.map((column, index) => [column, line[index]])))
}

/** Columns with ids or user input. They must stay text, so that no cell is evaluated or rounded. */
const texts = [
  'claimId', 'eventId', 'eventName', 'userId', 'period', 'rewardId', 'name', 'itemId', 'lastBy', 'lastNote'
]

const [shown, written] = [read(false), read(true)]
for (const [index, row] of shown.entries()) {
  for (const column of texts) {
    // A cell that begins with an apostrophe is text. Only SheetJS tries to read a date after the apostrophe.
    const isText = typeof row[column] === 'string' || String(written[index][column]).startsWith('\'')
    ok(isText, `${column} is not text: ${written[index][column]} became ${row[column]}`)
  }
  ok(typeof row.amount === 'number', `amount is not a number: ${row.amount}`)
}

/** A leading apostrophe marks a cell as text. */
const plain = text => String(text).replace(/^'/, '')
const expected = claims.flatMap(claim => claim.rewards.map(reward => ({
  claimId: claim.id,
  eventId: claim.eventId,
  eventName: events[claim.eventId].name,
  userId: claim.userId,
  period: claim.period,
  status: claim.status,
  rewardId: reward.rewardId,
  type: reward.type,
  name: reward.name,
  amount: String(reward.amount),
  itemId: reward.itemId ?? '',
  lastNote: claim.history.at(-1).note ?? ''
})))
const inOrder = list => list.map(row => JSON.stringify(row)).sort()
const columns = Object.keys(expected[0])
const compared = written.map(row => Object.fromEntries(columns.map(column => [column, plain(row[column])])))
deepStrictEqual(inOrder(compared), inOrder(expected))
ok(shown.length === claims.length * 2 && claims.length > 60, `${shown.length} lines, ${claims.length} claims`)
