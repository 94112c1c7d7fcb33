import { isAbort, Refused } from '../api/client'
import { steady } from '../live/steady-clock'

const RETRY_MS = 4000
/** Asked again while an answer is on its way: soon after it, once. */
const AGAIN_MS = 300

/** Something that is asked for again and again, for as long as the page stands: what came last, and when. */
export class Polled<T> {
  value = $state.raw<T | null>(null)
  /** Whether the last asking failed; what came before it stays. */
  failed = $state(false)
  /** When the last answer came, by the steady clock. */
  answeredAt = $state<number | null>(null)
  readonly everyMs: number
  private readonly request: (signal: AbortSignal) => Promise<T>
  private timer: ReturnType<typeof setTimeout> | undefined
  private asking: AbortController | null = null
  private again = false
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
      this.asking = null
    }
  }

  /** Asks now. An answer that is on its way is waited for: however often this is called, some answer comes. */
  async ask(): Promise<void> {
    if (this.asking) {
      this.again = true
      return
    }
    clearTimeout(this.timer)
    const asking = new AbortController()
    this.asking = asking
    try {
      const value = await this.request(asking.signal)
      if (asking.signal.aborted) return
      this.value = value
      this.failed = false
      this.answeredAt = steady.now()
    } catch (reason) {
      if (isAbort(reason) || asking.signal.aborted) return
      // What this reader may not see is no trouble: there is none of it here.
      this.failed = !(reason instanceof Refused && (reason.status === 404 || reason.status === 403))
    }
    this.asking = null
    const pause = this.again ? AGAIN_MS : this.failed ? RETRY_MS : this.everyMs
    this.again = false
    if (this.running) this.timer = setTimeout(() => void this.ask(), pause)
  }
}
