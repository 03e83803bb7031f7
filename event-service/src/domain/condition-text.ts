import type { Condition, ConditionText, Leaf, Where } from '@laurel/shared/contracts'
import { aggregations } from './aggregations.ts'
import { countsDays } from './condition.ts'
import type { RewardEvent } from './event.ts'
import { operators } from './operators.ts'

/** How one language joins the parts of a condition. */
interface Language {
  readonly everyone: string
  readonly and: string
  readonly or: string
  /** Phrases for the activities that the platform itself reports. Every other activity is named by its type. */
  readonly actions: ReadonlyMap<string, string>
  readonly otherAction: (type: string) => string
  readonly withFilter: (sentence: string, tests: readonly string[]) => string
  readonly withDayStart: (sentence: string, dayStartsAt: string) => string
}

const languages: Readonly<Record<keyof ConditionText, Language>> = {
  en: {
    everyone: 'Open to everyone',
    and: ' and ',
    or: ' or ',
    actions: new Map([['user.visited', 'Visit'], ['user.login', 'Log in'], ['friend.invited', 'Invite a friend']]),
    otherAction: type => `Do ${quote(type)}`,
    withFilter: (sentence, tests) => `${sentence} where ${tests.join(' and ')}`,
    withDayStart: (sentence, dayStartsAt) => `${sentence} (days begin at ${dayStartsAt})`
  },
  ko: {
    everyone: '누구나 받을 수 있음',
    and: ' 그리고 ',
    or: ' 또는 ',
    actions: new Map([['user.visited', '방문'], ['user.login', '로그인'], ['friend.invited', '친구 초대']]),
    otherAction: quote,
    withFilter: (sentence, tests) => `${tests.join(', ')}인 ${sentence}`,
    withDayStart: (sentence, dayStartsAt) => `${sentence} (매일 ${dayStartsAt} 시작)`
  }
}

type Described = Pick<RewardEvent, 'condition' | 'claimPeriod' | 'dayStartsAt'>

/** Describes the condition of an event in words. `null` means that everyone is eligible. */
export function describeCondition (event: Described): ConditionText {
  return { en: describe(event, 'en'), ko: describe(event, 'ko') }
}

function describe ({ condition, claimPeriod, dayStartsAt }: Described, language: keyof ConditionText): string {
  const { everyone, withDayStart } = languages[language]
  const sentence = condition === null ? everyone : describeNode(condition, language)
  const dependsOnDays = claimPeriod !== 'EVENT' || (condition !== null && countsDays(condition))
  return dependsOnDays && dayStartsAt !== '00:00' ? withDayStart(sentence, dayStartsAt) : sentence
}

function describeNode (condition: Condition, language: keyof ConditionText, isNested = false): string {
  const { and, or } = languages[language]
  const describeAll = (children: readonly Condition[]) => children.map(child => describeNode(child, language, true))
  if ('all' in condition) return join(describeAll(condition.all), and, isNested)
  if ('any' in condition) return join(describeAll(condition.any), or, isNested)
  return describeLeaf(condition, language)
}

function describeLeaf (leaf: Leaf, language: keyof ConditionText): string {
  const { actions, otherAction, withFilter } = languages[language]
  const { aggregation, activity, property = '', where = [] } = leaf
  const label = leaf.label?.[language]
  const sentence = aggregations[aggregation].text[language](leaf, {
    action: label ?? actions.get(activity) ?? otherAction(activity),
    type: label ?? quote(activity),
    property: quote(property)
  })
  return where.length === 0 ? sentence : withFilter(sentence, where.map(test => describeTest(test, language)))
}

function describeTest ({ property, op, value }: Where, language: keyof ConditionText): string {
  return `${property} ${operators[op][language]} ${[value].flat().map(describeValue).join(', ')}`
}

function describeValue (value: string | number | boolean): string {
  return typeof value === 'string' ? quote(value) : String(value)
}

function join (parts: readonly string[], word: string, isNested: boolean): string {
  const text = parts.join(word)
  return isNested && parts.length > 1 ? `(${text})` : text
}

function quote (text: string): string {
  return `“${text}”`
}
