/** Where background work reports what it could not do and will retry. */
export interface WarningLog {
  readonly warn: (details: { readonly err: unknown }, message: string) => void
}
