/** How much the clocks of two servers may differ, in milliseconds. */
export const maxClockDifference = 60_000
