/** Returns a pointer to a child (RFC 6901). */
export function appendPointer (pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
