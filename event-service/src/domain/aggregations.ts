import type { ConditionText, Leaf } from '@laurel/shared/contracts'
import { localDate, longestRun, type DayRules } from './calendar.ts'
import { dataValue, type CountableActivity, type Tally } from './tally.ts'

/** The words of a leaf in one language. */
export interface LeafWords {
  /** The activity: the leaf's label, a phrase such as `Log in`, or its type in quotes. */
  readonly action: string
  /** The activity as a noun: the leaf's label, or its type in quotes. */
  readonly type: string
  /** The property's name in quotes. */
  readonly property: string
}

type Sentence = (leaf: Leaf, words: LeafWords) => string

/** Everything that depends on the aggregation of a leaf. */
export interface Aggregation {
  /** Whether `add` reads the `value` or the `data` of an activity. Reading only the dates is cheaper. */
  readonly needsData: boolean
  /** Whether it counts days, so that the time at which a day begins is relevant. */
  readonly countsDays: boolean
  /** Adds an activity that has the leaf's type and matches its `where`. Each activity is added once, in any order. */
  readonly add: (tally: Tally, activity: CountableActivity, leaf: Leaf, rules: DayRules) => void
  /** Returns the progress of a tally. */
  readonly current: (tally: Tally, leaf: Leaf) => number
  /** Describes the leaf in words, without its `where`. */
  readonly text: Readonly<Record<keyof ConditionText, Sentence>>
}

function addDate (tally: Tally, { occurredAt }: CountableActivity, _leaf: Leaf, rules: DayRules): void {
  tally.seen.add(localDate(occurredAt, rules))
}

/** Whether a leaf counts invited friends and has no label in this language. */
function isInvitation ({ activity, property, label }: Leaf, language: keyof ConditionText): boolean {
  return activity === 'friend.invited' && property === 'inviteeId' && label?.[language] === undefined
}

/** One entry for each member of the enum in the contract. A new aggregation compiles only with a complete entry. */
export const aggregations: Readonly<Record<Leaf['aggregation'], Aggregation>> = {
  count: {
    needsData: false,
    countsDays: false,
    add (tally) { tally.units += 1 },
    current: ({ units }) => units,
    text: {
      en: ({ target }, { action }) => target === 1 ? action : `${action} ${target} times`,
      ko: ({ target }, { action }) => `${action} ${target}회`
    }
  },
  sum: {
    needsData: true,
    countsDays: false,
    add (tally, { value = 0 }) {
      const whole = Math.trunc(value)
      tally.units += whole
      tally.thousandths += Math.round((value - whole) * 1000)
    },
    // Parsed as text, because 1 + 0.39 is 1.3900000000000001. `1.390` is 1.39.
    current ({ units, thousandths }) {
      const whole = units + Math.trunc(thousandths / 1000)
      return Number(`${whole}.${String(thousandths % 1000).padStart(3, '0')}`)
    },
    text: {
      en: ({ target }, { type }) => `Reach a total of ${target} in ${type}`,
      ko: ({ target }, { action }) => `${action} 합계 ${target} 달성`
    }
  },
  unique_count: {
    needsData: true,
    countsDays: false,
    add (tally, { data }, { property = '' }) {
      const value = dataValue(data, property)
      if (value !== undefined) tally.seen.add(value)
    },
    current: ({ seen }) => seen.size,
    text: {
      en: (leaf, { action, property }) => isInvitation(leaf, 'en')
        ? `Invite ${leaf.target} ${leaf.target === 1 ? 'friend' : 'friends'}`
        : `${action} with ${leaf.target} different ${property}`,
      ko: (leaf, { action, property }) => isInvitation(leaf, 'ko')
        ? `친구 ${leaf.target}명 초대하기`
        : `${action} 서로 다른 ${property} ${leaf.target}개`
    }
  },
  active_days: {
    needsData: false,
    countsDays: true,
    add: addDate,
    current: ({ seen }) => seen.size,
    text: {
      en: ({ target }, { action }) => `${action} on ${target} ${target === 1 ? 'day' : 'days'}`,
      ko: ({ target }, { action }) => `${target}일 ${action}하기`
    }
  },
  streak: {
    needsData: false,
    countsDays: true,
    add: addDate,
    current: ({ seen }, { grace }) => longestRun([...seen].map(String), grace),
    text: {
      en: ({ target, grace = 0 }, { action }) => `${action} on ${target} ${target === 1 ? 'day' : 'days in a row'}` +
        (grace === 0 ? '' : ` (${grace} missed ${grace === 1 ? 'day is' : 'days are'} allowed)`),
      ko: ({ target, grace = 0 }, { action }) => `${target}일 연속 ${action}하기` +
        (grace === 0 ? '' : ` (${grace}일까지 빠져도 됨)`)
    }
  }
}
