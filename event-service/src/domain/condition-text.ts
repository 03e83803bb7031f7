import type { Condition, ConditionText, Leaf, Where } from '@laurel/shared/contracts'
import { aggregations } from './aggregations.ts'
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
}

const languages: Readonly<Record<keyof ConditionText, Language>> = {
  en: {
    everyone: 'Open to everyone',
    and: ' and ',
    or: ' or ',
    actions: new Map([['user.visited', 'Visit'], ['user.login', 'Log in'], ['friend.invited', 'Invite a friend']]),
    otherAction: type => `Do ${quote(type)}`,
    withFilter: (sentence, tests) => `${sentence} where ${tests.join(' and ')}`
  },
  ko: {
    everyone: '누구나 받을 수 있음',
    and: ' 그리고 ',
    or: ' 또는 ',
    actions: new Map([['user.visited', '방문'], ['user.login', '로그인'], ['friend.invited', '친구 초대']]),
    otherAction: quote,
    withFilter: (sentence, tests) => `${tests.join(', ')}인 ${sentence}`
  }
}

/** Describes a condition for people. `null` means that everyone is eligible. */
export function describeCondition (condition: Condition | null): ConditionText {
  return { en: describe(condition, 'en'), ko: describe(condition, 'ko') }
}

function describe (condition: Condition | null, language: keyof ConditionText): string {
  return condition === null ? languages[language].everyone : describeNode(condition, language)
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
  const sentence = aggregations[aggregation].text[language](leaf, {
    action: actions.get(activity) ?? otherAction(activity),
    type: quote(activity),
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
