import { isAbort, Refused } from '../api/client'

export type Failure = 'not_found' | 'forbidden' | 'failed'

/** Something asked of the server: not yet here, here, or not to be had. */
export class Loaded<T> {
  value = $state.raw<T | null>(null)
  failure = $state<Failure | null>(null)
  private asking: AbortController | null = null

  /** Asks; what was there before stays on the screen until the answer comes. */
  async ask(request: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.asking?.abort()
    const asking = new AbortController()
    this.asking = asking
    try {
      const value = await request(asking.signal)
      if (asking.signal.aborted) return
      this.value = value
      this.failure = null
    } catch (reason) {
      if (isAbort(reason) || asking.signal.aborted) return
      const status = reason instanceof Refused ? reason.status : 0
      this.failure = status === 404 ? 'not_found' : status === 403 ? 'forbidden' : 'failed'
    }
  }

  stop(): void {
    this.asking?.abort()
  }
}
