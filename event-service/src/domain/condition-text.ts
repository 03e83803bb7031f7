import type { Condition, ConditionText, Leaf, Where } from '@laurel/shared/contracts'

/** A condition as a sentence for people. null: everyone is eligible. */
export function textOf (condition: Condition | null): ConditionText {
  return condition === null ? { en: 'Open to everyone', ko: '누구나 받을 수 있음' } : { en: inEnglish(condition), ko: inKorean(condition) }
}

// What the platform itself sees has words of its own; everything else goes by the name it was sent with.
const english: Readonly<Record<string, string>> = { 'user.visited': 'Visit', 'user.login': 'Log in', 'friend.invited': 'Invite a friend' }
const korean: Readonly<Record<string, string>> = { 'user.visited': '방문', 'user.login': '로그인', 'friend.invited': '친구 초대' }

function inEnglish (condition: Condition, nested = false): string {
  if ('all' in condition) return grouped(condition.all.map(child => inEnglish(child, true)), ' and ', nested)
  if ('any' in condition) return grouped(condition.any.map(child => inEnglish(child, true)), ' or ', nested)
  const { aggregation, activity, target, property = '', where = [] } = condition
  const doing = english[activity] ?? `Do ${quoted(activity)}`
  const what = where.length === 0 ? '' : ` where ${where.map(whereInEnglish).join(' and ')}`
  switch (aggregation) {
    case 'count': return `${doing}${target === 1 ? '' : ` ${target} times`}${what}`
    case 'sum': return `Reach a total of ${target} in ${quoted(activity)}${what}`
    case 'unique_count': return isInvitation(condition)
      ? `Invite ${target} ${target === 1 ? 'friend' : 'friends'}${what}`
      : `${doing} with ${target} different ${quoted(property)}${what}`
    case 'active_days': return `${doing} on ${target} ${target === 1 ? 'day' : 'days'}${what}`
    case 'streak': return `${doing} on ${target} ${target === 1 ? 'day' : 'days in a row'}${what}`
  }
}

function inKorean (condition: Condition, nested = false): string {
  if ('all' in condition) return grouped(condition.all.map(child => inKorean(child, true)), ' 그리고 ', nested)
  if ('any' in condition) return grouped(condition.any.map(child => inKorean(child, true)), ' 또는 ', nested)
  const { aggregation, activity, target, property = '', where = [] } = condition
  const doing = korean[activity] ?? quoted(activity)
  const what = where.length === 0 ? '' : `${where.map(whereInKorean).join(', ')}인 `
  switch (aggregation) {
    case 'count': return `${what}${doing} ${target}회`
    case 'sum': return `${what}${doing} 합계 ${target} 달성`
    case 'unique_count': return isInvitation(condition) ? `${what}친구 ${target}명 초대하기` : `${what}${doing} 서로 다른 ${quoted(property)} ${target}개`
    case 'active_days': return `${what}${target}일 ${doing}하기`
    case 'streak': return `${what}${target}일 연속 ${doing}하기`
  }
}

function isInvitation ({ activity, property }: Leaf): boolean {
  return activity === 'friend.invited' && property === 'inviteeId'
}

function grouped (parts: readonly string[], word: string, nested: boolean): string {
  const text = parts.join(word)
  return nested && parts.length > 1 ? `(${text})` : text
}

const signs: Readonly<Record<Where['op'], string>> = { eq: 'is', ne: 'is not', in: 'is one of', gt: '>', gte: '≥', lt: '<', lte: '≤' }
const koreanSigns: Readonly<Record<Where['op'], string>> = { eq: '=', ne: '≠', in: '∈', gt: '>', gte: '≥', lt: '<', lte: '≤' }

function whereInEnglish ({ property, op, value }: Where): string {
  return `${property} ${signs[op]} ${[value].flat().map(show).join(', ')}`
}

function whereInKorean ({ property, op, value }: Where): string {
  return `${property} ${koreanSigns[op]} ${[value].flat().map(show).join(', ')}`
}

function show (value: string | number | boolean): string {
  return typeof value === 'string' ? quoted(value) : String(value)
}

function quoted (text: string): string {
  return `“${text}”`
}
