/** The description of each group of operations. A test checks that none is missing. */
export const tagDescriptions: Readonly<Record<string, string>> = {
  'Sign-in': 'Create an account, log in, and renew or end a session',
  Users: 'User accounts and their roles',
  Sessions: 'The devices and browsers on which a user is logged in',
  'Machine clients': 'Programs that report activities and deliveries with a SERVICE token',
  Events: 'What users can claim a reward for, and when',
  Rewards: 'What an event grants',
  Claims: 'Requests for the rewards of an event, their review and their history',
  Settlement: 'The grants of a time range, as a file and as totals',
  Pause: 'Pause all granting',
  Wallets: 'The rewards that a user has been granted',
  Activities: 'What users did: the evidence for every claim',
  Webhooks: 'Messages to a game or a shop about changes, and their deliveries',
  Audit: 'Who changed what'
}
