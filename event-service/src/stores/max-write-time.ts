/**
 * The maximum time from the start of a write until it is visible or aborted, in milliseconds. MongoDB aborts a
 * transaction after 60 s, and checks this every 30 s. Other writes have a much shorter limit.
 */
export const maxWriteTime = 90_000
