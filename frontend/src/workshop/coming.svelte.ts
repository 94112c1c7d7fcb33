// What other supervisors save in the same draft, as it comes: asked for every two seconds while the page is seen.

import type { Saving } from './saving.svelte'
import { type FeedEntry, readFeed } from './seam'

const EVERY_MS = 2000

export class Coming {
  private draft: number | null = null
  private after = 0
  private saving: Saving | null = null
  private timer = 0
  private isAsking = false
  private readonly hears: { arrived: (entries: FeedEntry[]) => Promise<void> }

  constructor(hears: { arrived: (entries: FeedEntry[]) => Promise<void> }) {
    this.hears = hears
  }

  /** From now on of this draft, after the edit of that number. */
  follow(draft: number | null, after: number, saving: Saving): void {
    this.stop()
    this.draft = draft
    this.after = after
    this.saving = saving
    if (draft !== null)
      this.timer = window.setInterval(() => {
        if (document.visibilityState === 'visible') void this.ask()
      }, EVERY_MS)
  }

  stop(): void {
    clearInterval(this.timer)
    this.draft = null
  }

  async ask(): Promise<void> {
    const { draft, saving } = this
    if (draft === null || this.isAsking) return
    this.isAsking = true
    try {
      const entries = await readFeed(draft, this.after)
      if (draft !== this.draft) return
      const last = entries.at(-1)
      if (last) this.after = last.number
      const foreign = entries.filter(({ number }) => !saving?.own.has(number))
      if (foreign.length > 0) await this.hears.arrived(foreign)
    } catch {
      // The live feed's banner tells when the server is away; the next question comes soon.
    } finally {
      this.isAsking = false
    }
  }
}
