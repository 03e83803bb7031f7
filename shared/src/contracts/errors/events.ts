import type { ErrorEntry } from './entry.ts'

/** Codes of events, rewards, activities, and webhooks. */
export const eventErrors = {
  EVENT_NOT_FOUND: {
    status: 404,
    title: 'Event not found',
    meaning: 'There is no event with this id. A USER also gets this error for an event that they may not see.',
    action: 'Check the id, or list the events.'
  },
  REWARD_NOT_FOUND: {
    status: 404,
    title: 'Reward not found',
    meaning: 'The event has no reward with this id.',
    action: 'List the rewards of the event to see which ones exist.'
  },
  EVENT_FROZEN: {
    status: 409,
    title: 'Event frozen',
    meaning: 'The event has been ACTIVE, so the properties that decide a grant can no longer change.',
    action: 'Create a new event with the new settings. The name, the description, and the status can still change.'
  },
  TOO_MANY_REWARDS: {
    status: 409,
    title: 'Too many rewards',
    meaning: 'The event already has the maximum number of rewards.',
    action: 'Create another event for further rewards.'
  },
  NOT_A_COUPON: {
    status: 409,
    title: 'Not a coupon',
    meaning: 'Only a reward of type COUPON has coupon codes.',
    action: 'Add the codes to a COUPON reward.'
  },
  TOO_MANY: {
    status: 503,
    title: 'Too many to simulate',
    meaning: 'The event cannot be simulated in time because it counts too many users or activities.',
    action: 'Try again when the platform is less busy, or evaluate the event for single users.'
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'Idempotency key reused',
    meaning: 'The `Idempotency-Key` was already used with another body.',
    action: 'Use a new key for every new request.'
  },
  RESERVED_TYPE: {
    status: null,
    title: 'Reserved activity type',
    meaning: 'The activity has a type that only the platform itself reports.',
    action: 'Report the activity under another type.'
  },
  OCCURRED_IN_FUTURE: {
    status: null,
    title: 'Activity in the future',
    meaning: 'The `occurredAt` of the activity is more than 5 minutes ahead of the server clock.',
    action: 'Correct the clock of the sender.'
  },
  OCCURRED_TOO_LONG_AGO: {
    status: null,
    title: 'Activity too old',
    meaning: 'The activity occurred more than 48 hours ago. A machine client can report only newer activities.',
    action: 'Report activities sooner. An ADMIN can report older ones.'
  },
  WEBHOOK_NOT_FOUND: {
    status: 404,
    title: 'Webhook not found',
    meaning: 'There is no webhook with this id.',
    action: 'Check the id, or list the webhooks.'
  },
  DELIVERY_NOT_FOUND: {
    status: 404,
    title: 'Delivery not found',
    meaning: 'The webhook has no delivery with this id. Deliveries are kept for 30 days.',
    action: 'List the deliveries of the webhook.'
  },
  WEBHOOK_DISABLED: {
    status: 409,
    title: 'Webhook disabled',
    meaning: 'The receiver responded with 410 Gone, so Laurel no longer sends messages to it.',
    action: 'Delete the webhook and create a new one.'
  },
  VALUE_OUT_OF_RANGE: {
    status: null,
    title: 'Value out of range',
    meaning: 'The `value` of the activity is not between 0 and 1,000,000,000 or has more than 3 decimal places.',
    action: 'Report a value that is in this range and has at most 3 decimal places.'
  }
} as const satisfies Readonly<Record<string, ErrorEntry>>
