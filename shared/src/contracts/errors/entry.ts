/** What the documentation says about one error code. */
export interface ErrorEntry {
  /** The HTTP status, or `null` for a code that occurs inside a successful response. */
  readonly status: number | null
  /** A short summary: the `title` of the problem document. */
  readonly title: string
  /** What happened, in one or two sentences. */
  readonly meaning: string
  /** What the caller can do, in one or two sentences. */
  readonly action: string
}
