import { readFileSync } from 'node:fs'
import { Aggregation, type Condition } from '@laurel/shared/contracts'
import t from 'tap'
import { aggregations } from '../../../src/domain/aggregations.ts'
import { describeCondition } from '../../../src/domain/condition-text.ts'

const count = (activity: string, target: number): Condition => ({ aggregation: 'count', activity, target })

const sentences: ReadonlyArray<readonly [condition: Condition | null, en: string, ko: string]> = [
  [null, 'Open to everyone', '누구나 받을 수 있음'],
  [{ aggregation: 'streak', activity: 'user.visited', target: 7 }, 'Visit on 7 days in a row', '7일 연속 방문하기'],
  [{ aggregation: 'streak', activity: 'user.visited', target: 1 }, 'Visit on 1 day', '1일 연속 방문하기'],
  [
    { aggregation: 'streak', activity: 'user.visited', target: 7, grace: 1 },
    'Visit on 7 days in a row (1 missed day is allowed)',
    '7일 연속 방문하기 (1일까지 빠져도 됨)'
  ],
  [
    { aggregation: 'streak', activity: 'user.visited', target: 14, grace: 2 },
    'Visit on 14 days in a row (2 missed days are allowed)',
    '14일 연속 방문하기 (2일까지 빠져도 됨)'
  ],
  [
    { aggregation: 'count', activity: 'quest.cleared', target: 3, label: { en: 'Clear a dungeon', ko: '던전 클리어' } },
    'Clear a dungeon 3 times',
    '던전 클리어 3회'
  ],
  [
    { aggregation: 'sum', activity: 'order.paid', target: 50, label: { ko: '구매 금액' } },
    'Reach a total of 50 in “order.paid”',
    '구매 금액 합계 50 달성'
  ],
  [
    {
      aggregation: 'unique_count',
      activity: 'friend.invited',
      property: 'inviteeId',
      target: 2,
      label: { en: 'Bring somebody', ko: '초대' }
    },
    'Bring somebody with 2 different “inviteeId”',
    '초대 서로 다른 “inviteeId” 2개'
  ],
  [{ aggregation: 'active_days', activity: 'user.login', target: 3 }, 'Log in on 3 days', '3일 로그인하기'],
  [{ aggregation: 'active_days', activity: 'user.visited', target: 1 }, 'Visit on 1 day', '1일 방문하기'],
  [
    { aggregation: 'unique_count', activity: 'friend.invited', property: 'inviteeId', target: 3 },
    'Invite 3 friends',
    '친구 3명 초대하기'
  ],
  [
    { aggregation: 'unique_count', activity: 'friend.invited', property: 'inviteeId', target: 1 },
    'Invite 1 friend',
    '친구 1명 초대하기'
  ],
  [
    { aggregation: 'unique_count', activity: 'quest.cleared', property: 'questId', target: 5 },
    'Do “quest.cleared” with 5 different “questId”',
    '“quest.cleared” 서로 다른 “questId” 5개'
  ],
  [
    { aggregation: 'unique_count', activity: 'friend.invited', property: 'country', target: 2 },
    'Invite a friend with 2 different “country”',
    '친구 초대 서로 다른 “country” 2개'
  ],
  [
    { aggregation: 'sum', activity: 'order.paid', target: 50 },
    'Reach a total of 50 in “order.paid”',
    '“order.paid” 합계 50 달성'
  ],
  [count('user.login', 1), 'Log in', '로그인 1회'],
  [count('toString', 1), 'Do “toString”', '“toString” 1회'],
  [count('quest.cleared', 3), 'Do “quest.cleared” 3 times', '“quest.cleared” 3회'],
  [
    {
      ...count('quest.cleared', 1),
      where: [
        { property: 'questId', op: 'eq', value: 'q-7' },
        { property: 'level', op: 'in', value: [7, true] }
      ]
    } as Condition,
    'Do “quest.cleared” where questId is “q-7” and level is one of 7, true',
    'questId = “q-7”, level ∈ 7, true인 “quest.cleared” 1회'
  ],
  [
    { all: [count('a', 1), { any: [count('b', 1), count('c', 1)] }] },
    'Do “a” and (Do “b” or Do “c”)',
    '“a” 1회 그리고 (“b” 1회 또는 “c” 1회)'
  ],
  [{ any: [count('a', 1), { all: [count('b', 1)] }] }, 'Do “a” or Do “b”', '“a” 1회 또는 “b” 1회']
]

const plain = { claimPeriod: 'EVENT', dayStartsAt: '00:00' } as const

for (const [condition, en, ko] of sentences) {
  t.test(`“${en}” is ${JSON.stringify(condition)}`, async t => {
    t.same(describeCondition({ ...plain, condition }), { en, ko })
  })
}

t.test('every aggregation has a sentence here and a description', async t => {
  const guide = readFileSync('docs/conditions.md', 'utf8')
  for (const name of Object.keys(aggregations)) {
    t.match(JSON.stringify(sentences), `"aggregation":"${name}"`, `${name}: add its sentence to this test`)
    t.match(JSON.stringify(Aggregation), `\`${name}\`: `, `${name}: add it to the description of \`Aggregation\``)
    t.match(guide, `\n| \`${name}\` | `, `${name}: add it to the table in docs/conditions.md`)
  }
})

t.test('the sentence states when a day begins if it is not midnight and the condition counts days', async t => {
  const visits: Condition = { aggregation: 'active_days', activity: 'user.visited', target: 3 }
  const late = { claimPeriod: 'EVENT', dayStartsAt: '05:00' } as const
  t.same(describeCondition({ ...late, condition: visits }), {
    en: 'Visit on 3 days (days begin at 05:00)', ko: '3일 방문하기 (매일 05:00 시작)'
  })
  t.same(describeCondition({ ...late, claimPeriod: 'DAY', condition: null }), {
    en: 'Open to everyone (days begin at 05:00)', ko: '누구나 받을 수 있음 (매일 05:00 시작)'
  })
  t.same(describeCondition({ ...late, condition: count('user.login', 1) }), { en: 'Log in', ko: '로그인 1회' })
  t.same(describeCondition({ ...plain, condition: visits }), { en: 'Visit on 3 days', ko: '3일 방문하기' })
})
