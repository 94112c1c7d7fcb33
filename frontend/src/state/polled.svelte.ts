import { isAbort, Refused } from '../api/client'
import { steady } from '../live/steady-clock'

const RETRY_MS = 4000

/** Something that is asked for again and again, for as long as the page stands: what came last, and when. */
export class Polled<T> {
  value = $state.raw<T | null>(null)
  /** Whether the last asking failed; what came before it stays. */
  failed = $state(false)
  /** The server has none of this, or not for this reader. */
  absent = $state(false)
  /** When the last answer came, by the steady clock. */
  answeredAt = $state<number | null>(null)
  readonly everyMs: number
  private readonly request: (signal: AbortSignal) => Promise<T>
  private timer: ReturnType<typeof setTimeout> | undefined
  private asking: AbortController | null = null
  private running = false

  constructor(everyMs: number, request: (signal: AbortSignal) => Promise<T>) {
    this.everyMs = everyMs
    this.request = request
  }

  /** Begins; the returned function ends it. */
  start(): () => void {
    this.running = true
    void this.ask()
    return () => {
      this.running = false
      clearTimeout(this.timer)
      this.asking?.abort()
    }
  }

  /** Asks now, whenever the next time would have been. */
  async ask(): Promise<void> {
    clearTimeout(this.timer)
    this.asking?.abort()
    const asking = new AbortController()
    this.asking = asking
    try {
      const value = await this.request(asking.signal)
      if (asking.signal.aborted) return
      this.value = value
      this.failed = false
      this.absent = false
      this.answeredAt = steady.now()
    } catch (reason) {
      if (isAbort(reason) || asking.signal.aborted) return
      this.absent = reason instanceof Refused && (reason.status === 404 || reason.status === 403)
      this.failed = !this.absent
    }
    if (this.running) this.timer = setTimeout(() => void this.ask(), this.failed ? RETRY_MS : this.everyMs)
  }
}
