/** Deterministic pseudo-random numbers for a seed. */
export interface Random {
  /** An integer in `[0, end)`. */
  below: (end: number) => number
  /** An integer in `[from, to]`. */
  between: (from: number, to: number) => number
  chance: (probability: number) => boolean
  pick: <T>(list: readonly T[]) => T
  /** Returns another sequence, independent of the current position of this one. */
  fork: (name: string) => Random
}

/** mulberry32 by Tommy Ettinger. 32 bits of state are enough to select test actions. */
export function createRandom (seed: number): Random {
  let state = seed >>> 0
  function next (): number {
    state = (state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return {
    below,
    between: (from, to) => from + below(to - from + 1),
    chance: probability => next() < probability,
    pick: list => list[below(list.length)] as (typeof list)[number],
    fork: name => createRandom(hash(`${seed} ${name}`))
  }
}

/** FNV-1a. */
function hash (text: string): number {
  let sum = 0x811C9DC5
  for (const byte of Buffer.from(text)) sum = Math.imul(sum ^ byte, 0x01000193)
  return sum >>> 0
}
