import type { FeedTokens } from '../api/feed-token'
import type { Change } from '../api/types'
import { connectLive } from '../live/connect'
import type { FeedState } from '../live/feed'
import { steady } from '../live/steady-clock'

export interface LiveListener {
  change(change: Change): void
  /** Everything on the screen may be old: ask for it again. */
  reload(): void
  /** People on duty have moved. */
  positions?(told: unknown): void
}

/** How the live feed stands, and since when the screen may be old. */
class LiveStatus {
  state = $state<FeedState>('connecting')
  /** When the last proof of life came, by the steady clock. */
  heardAt = $state(steady.now())
  private wasLive = false

  start(tokens: FeedTokens, listener: LiveListener): () => void {
    const stop = connectLive(tokens, (message) => {
      if (message.type === 'hello') steady.sync(message.serverTime)
      this.heardAt = steady.now() - (message.type === 'state' ? message.silentMs : 0)
      if (message.type === 'state') this.turn(message.state, listener)
      else if (message.type === 'reload') listener.reload()
      else if (message.type === 'change') listener.change(message.change)
      else if (message.type === 'positions') listener.positions?.(message.positions)
    })
    // A page that comes back from the browser's memory has missed its goodbye.
    const woken = (event: PageTransitionEvent) => {
      if (event.persisted) location.reload()
    }
    window.addEventListener('pageshow', woken)
    return () => {
      window.removeEventListener('pageshow', woken)
      stop()
    }
  }

  private turn(state: FeedState, listener: LiveListener): void {
    // The stream says itself what was missed; what failed meanwhile (tiles, lists) is asked for again.
    if (state === 'live' && this.wasLive && (this.state === 'gone' || this.state === 'stale'))
      listener.reload()
    this.wasLive ||= state === 'live'
    this.state = state
  }
}

export const live = new LiveStatus()
