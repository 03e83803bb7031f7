const width = 30
const labelWidth = 34

/** Shows the progress of a step: as a bar on a terminal, otherwise as one line at the end. */
export interface ProgressBar {
  /** Processes each item, at most eight at a time, and shows how many are done. */
  readonly forEach: <T>(label: string, items: readonly T[], run: (item: T) => Promise<void>) => Promise<void>
}

/** Where the bar is drawn, such as `process.stdout`. */
export interface Screen {
  readonly isTTY?: boolean
  readonly write: (text: string) => unknown
}

export function createProgressBar (out: Screen): ProgressBar {
  function draw (label: string, done: number, total: number): void {
    const name = label.padEnd(labelWidth)
    const isDone = done === total
    if (out.isTTY === true) {
      const full = isDone ? width : Math.floor(done / total * width)
      const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`
      out.write(`\r${name} ${bar} ${done}/${total}${isDone ? '\n' : ''}`)
    } else if (isDone) {
      out.write(`${name} ${total}\n`)
    }
  }

  return {
    async forEach (label, items, run) {
      let done = 0
      const left = items.values()
      draw(label, done, items.length)
      await Promise.all(Array.from({ length: Math.min(8, items.length) }, async () => {
        for (const item of left) {
          await run(item)
          done += 1
          draw(label, done, items.length)
        }
      }))
    }
  }
}
