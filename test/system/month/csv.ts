/** Returns the rows of a CSV file by the names of its columns. RFC 4180, read character by character. */
export function parseCsv (text: string): Array<Readonly<Record<string, string>>> {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let isQuoted = false
  for (let index = text.startsWith('\uFEFF') ? 1 : 0; index < text.length; index++) {
    const char = text[index] as string
    if (isQuoted && char === '"' && text[index + 1] === '"') {
      cell += '"'
      index += 1
    } else if (char === '"') {
      isQuoted = !isQuoted
    } else if (!isQuoted && (char === ',' || char === '\r')) {
      row.push(cell)
      cell = ''
    } else if (!isQuoted && char === '\n') {
      rows.push(row)
      row = []
    } else {
      cell += char
    }
  }
  const [columns = [], ...lines] = rows
  return lines.map(line => Object.fromEntries(columns.map((column, index) => [column, line[index] ?? ''])))
}
