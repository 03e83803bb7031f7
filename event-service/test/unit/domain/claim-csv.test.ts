import { parse } from 'csv-parse/sync'
import t from 'tap'
import { claimLines } from '../../../src/domain/claim-csv.ts'
import type { Claim } from '../../../src/domain/claim.ts'

const at = new Date('2026-11-30T14:59:59.000Z')

/** Returns the cell with the name of a reward from the file. */
function cellOf (name: string): string {
  const claim: Claim = {
    id: 'e1_u1_EVENT',
    eventId: 'e1',
    userId: 'u1',
    period: 'EVENT',
    status: 'GRANTED',
    progress: null,
    rewards: [{ rewardId: 'r1', type: 'POINT', name, amount: 1, attributes: {} }],
    attempts: 1,
    history: [{ at, by: 'u1', role: 'USER', from: null, to: 'GRANTED', requestId: 'q1' }],
    createdAt: at,
    updatedAt: at
  }
  const [line] = parse(claimLines(claim, { name: 'Event', timeZone: 'Asia/Seoul' }, true)) as string[][]
  return line?.[13] ?? ''
}

t.test('text that a spreadsheet would evaluate or convert begins with an apostrophe', async t => {
  for (const name of [
    '=1', '+1', '-1', '@A1', '\tx', '＝1', '007', '12e3', '1,234', '₩500', '50%', '.5', '5.', '1/2', '1 1/2', '2026-11',
    '2026. 11. 25', '12:30', '12:30 PM', '9 am', '2026-11-25 23:59:59', 'Mar 1', 'MARCH1', 'sept-2', '25 November 2026',
    '3월 1일', '2026년 11월', '11월', '오전 9시 30분', '14시', 'TRUE', 'false', ' 007 ',
    '(123)', '(123456)', '( 5 )', '$(5)', '-(5)', '9:00 p', '9 a', '9 a.m.', '1.000,50', '12,5', '1 234',
    '1\u202f000', '1\'000', '%10', '5 €', '£5', '１２３', '−1', '1E+99', '#N/A', '#REF!', '#DIV/0!',
    '오후 3:20', '오후 3시', '오전 9:00:05', '2026年11月26日', '11月26日', '午後3時20分', '上午 9:05', '2026년 11월 26일 오후 3:20'
  ]) t.equal(cellOf(name), `'${name}`, name)
})

t.test('other text is unchanged', async t => {
  for (const name of [
    '', 'A sword', '500 points', '7일 연속 출석', '3월 1일 행사', 'Level 7', 'may the force', 'a1b2c3', '1st place', '100% off',
    'b1c2d3e4_12345_2026-11', '2026 winter', '시', '오전', '#1', '#winter',
    '5a', '12a34', 'e5', '1e', '123_456', '3일 연속', '(주)로렐', '100일 기념', '%', '€', '2026-W48'
  ]) t.equal(cellOf(name), name, name)
})

t.test('a long string is checked quickly, regardless of its content', async t => {
  for (const part of ['1', ' ', '1 ', '1,', '-', 'mar', '1년', '월 ', '1e', '(', '1:', '오전 ', '1月']) {
    const startedAt = process.cpuUsage()
    cellOf(`x${part.repeat(20_000)}x`.slice(1))
    t.ok(process.cpuUsage(startedAt).user < 500_000, JSON.stringify(part))
  }
})
