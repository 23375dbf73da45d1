/** What of an answer is read. */
export interface FetchResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}

/** What of `fetch` is used: the platform's own fits, and so does a few lines of a test. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string
    readonly headers: Record<string, string>
    readonly body?: string
    readonly signal: AbortSignal
    readonly redirect: 'error'
    readonly credentials: 'omit'
    readonly cache: 'no-store'
  },
) => Promise<FetchResponse>
