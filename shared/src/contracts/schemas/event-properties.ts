import { Type, type Static } from 'typebox'
import { Instant, Int32, Nullable, Text } from './common.ts'
import { Condition } from './condition.ts'
import { groupPattern } from './scalars.ts'

export const EventStatus = Type.Enum(['ACTIVE', 'INACTIVE'], {
  title: 'EventStatus',
  description: 'Whether the event is switched on. Operators set it.'
})

export const EventPhase = Type.Enum(['SCHEDULED', 'RUNNING', 'ENDED'], {
  title: 'EventPhase',
  description: 'Where the event is between `startsAt` and `endsAt`. The server computes it.'
})

const ClaimPeriod = Type.Enum(['EVENT', 'DAY', 'WEEK', 'MONTH'], {
  title: 'ClaimPeriod',
  description: 'How often one user may claim: once per event, or once per calendar day, ISO week, or month ' +
    'in the time zone of the event.'
})

const StockPer = Type.Enum(['EVENT', 'PERIOD'], {
  title: 'StockPer',
  description: 'Whether the `stock` of a reward applies to the whole event or to each claim period, ' +
    'such as the first 100 users of every day. An event with `PERIOD` cannot have a `COUPON`.'
})

const GrantMode = Type.Enum(['AUTO', 'REVIEW'], {
  title: 'GrantMode',
  description: '`AUTO`: a claim is granted immediately. `REVIEW`: an operator approves or rejects it.'
})

const DayStart = Type.String({
  pattern: '^(?:[01]\\d|2[0-3]):(?:00|15|30|45)$',
  description: 'The local time at which a day begins, in steps of 15 minutes. ' +
    'A day has the date on which it begins: with `05:00`, 04:59 belongs to the day before.'
})

export const Weekday = Type.Enum(['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'], {
  title: 'Weekday',
  description: 'The day on which a week begins.'
})
export type Weekday = Static<typeof Weekday>

export const timeZone = 'The IANA time zone in which days, weeks, and months are counted.'

const GroupName = Type.String({
  pattern: groupPattern,
  description: 'The name of a group of events, such as a board of day 3, day 7, and day 14.'
})

/** The properties that operators can set. */
export const writable = {
  name: Text(200, { description: 'The name that users see.' }),
  description: Type.String({ maxLength: 5000, description: 'A description for users.' }),
  startsAt: Instant('When the event begins. Only activities at or after this time count.'),
  endsAt: Instant('When the event ends. Only activities before this time count.'),
  claimUntil: Nullable(Instant('A time.'), {
    description: 'Users can claim until this time. `null` means until `endsAt`.'
  }),
  timeZone: Type.String({ format: 'iana-time-zone', maxLength: 64, description: timeZone }),
  dayStartsAt: DayStart,
  weekStartsOn: Weekday,
  condition: Nullable(Condition, {
    description: 'What a user must have done. `null` means that everyone is eligible.'
  }),
  claimPeriod: ClaimPeriod,
  stockPer: StockPer,
  grantMode: GrantMode,
  group: Nullable(GroupName, { description: 'The group that the event belongs to. `null` means none.' }),
  position: Int32('The position of the event in its group.', { minimum: 0, maximum: 1000 }),
  status: EventStatus
}
