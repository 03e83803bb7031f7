/** Returns a promise that delays a response, and the function that resolves it. */
export function createDoor () {
  let open = (): void => undefined
  const isOpen = new Promise<void>(resolve => { open = resolve })
  return { open, isOpen }
}
