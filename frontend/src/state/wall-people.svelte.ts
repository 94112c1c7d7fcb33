import { get, Refused } from '../api/client'
import type { LastPosition } from '../api/types'
import { Movers, type PositionsEvent } from '../wall/movers'

const AGAIN_MS = 60_000
const RETRY_MS = 5000
/** A stranger in the feed is asked about, but not every second: who is off duty stays one. */
const STRANGERS_EVERY_MS = 15_000

/** Where people on duty are: all of them now and then, and what moved each second from the live feed. */
export class WallPeople {
  readonly movers = new Movers()
  /** Counts up when something has moved. */
  moved = $state(0)
  private timer: ReturnType<typeof setTimeout> | undefined
  private running = false
  private askedAt = 0

  start(): () => void {
    this.running = true
    this.ask()
    return () => {
      this.running = false
      clearTimeout(this.timer)
    }
  }

  /** All positions anew: after a gap in the feed, and to be sure. */
  ask(): void {
    clearTimeout(this.timer)
    this.askedAt = performance.now()
    get<LastPosition[]>('/api/positions/last')
      .then((all) => {
        this.movers.clear()
        for (const { id, lng, lat, state } of all) {
          // On a wall are those on duty; a tracker on a cart, or somebody on the way home, is nobody's business.
          if (state === '' || state === 'off_duty') continue
          this.movers.place(id, lng, lat)
          this.movers.setState(id, state)
        }
        this.moved += 1
        this.again(AGAIN_MS)
      })
      .catch((reason: unknown) => {
        // This reader may not see where people are: nobody is shown, and it is not asked every second.
        this.again(reason instanceof Refused ? AGAIN_MS : RETRY_MS)
      })
  }

  hear(told: unknown): void {
    const allKnown = this.movers.apply(told as PositionsEvent)
    this.moved += 1
    if (allKnown || performance.now() - this.askedAt < STRANGERS_EVERY_MS) return
    this.ask()
  }

  private again(ms: number): void {
    if (this.running) this.timer = setTimeout(() => this.ask(), ms)
  }
}
