import { localDate, type DayRules, type LocalDate } from './calendar.ts'

/** How many claims of an event were granted on each of its days. A revocation changes nothing. */
export type GrantsByDay = ReadonlyMap<LocalDate, number>

/** How many claims were granted in a quarter hour, or in a part of it. */
export interface QuarterHour {
  readonly at: Date
  readonly granted: number
}

/** Adds the grants of quarter hours to the days that they belong to. */
export function addGrants (known: GrantsByDay, quarters: readonly QuarterHour[], rules: DayRules): GrantsByDay {
  const days = new Map(known)
  for (const { at, granted } of quarters) {
    const date = localDate(at, rules)
    days.set(date, (days.get(date) ?? 0) + granted)
  }
  return days
}

export function totalOf (days: GrantsByDay): number {
  return [...days.values()].reduce((sum, granted) => sum + granted, 0)
}
