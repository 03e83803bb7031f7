/** Remembers for 250 ms that a stock is sold out, so that requests for it do not need a command. */
interface SoldOutMemory {
  /** Whether the stock was sold out less than 250 ms ago at this capacity. A higher capacity may have slots left. */
  has: (id: string, capacity: number) => boolean
  add: (id: string, capacity: number) => void
  /** Forgets a stock because slots were returned to it. */
  delete: (id: string) => void
}

/** How long a stock counts as sold out, in milliseconds. */
const lifetime = 250
const maxRemembered = 10_000

export function createSoldOutMemory (): SoldOutMemory {
  const soldOut = new Map<string, { readonly capacity: number, readonly until: number }>()
  return {
    has (id, capacity) {
      const known = soldOut.get(id)
      return known !== undefined && known.capacity >= capacity && Date.now() < known.until
    },
    add (id, capacity) {
      if (soldOut.size >= maxRemembered) soldOut.clear()
      soldOut.set(id, { capacity, until: Date.now() + lifetime })
    },
    delete: id => { soldOut.delete(id) }
  }
}
