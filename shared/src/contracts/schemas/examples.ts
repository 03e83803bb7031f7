/** Ids and times that all examples share, so that together they tell one story. */
export const example = {
  userId: '6745f0a1b2c3d4e5f6a7b8c9',
  operatorId: '6745f0a1b2c3d4e5f6a7b8d0',
  eventId: '6745f1b2c3d4e5f6a7b8c9d0',
  rewardId: '6745f1c3d4e5f6a7b8c9d0e1',
  claimId: '6745f1b2c3d4e5f6a7b8c9d0_6745f0a1b2c3d4e5f6a7b8c9_EVENT',
  clientId: '6745f2d4e5f6a7b8c9d0e1f2',
  webhookId: '6745f3e6f7a8b9c0d1e2f3a4',
  sessionId: '6745f3e5f6a7b8c9d0e1f2a3',
  deliveryId: 'dlv_9a4BqkY0bLx3T7rWm2Jf5hVcN8eDzQsU',
  messageId: 'msg_Zx81kqT0bLx3N7rWm2Jf5hVcP8eDzQsA',
  requestId: '0f8e4c52-8f0b-4b7e-9c51-3a6f1f0b7d21',
  at: '2026-11-21T09:00:00.000Z'
} as const
