import { get, post, Refused } from '../api/client'
import type { Language, OwnDisplay, Pairing, Welcome, Wishes } from '../api/types'
import { lang } from '../i18n/index.svelte'
import { session } from './session.svelte'

const LOOK_MS = 2000
const RETRY_MS = 4000
const STORED_AS = 'geogrid.wall'

const BLANK: Wishes = {}

function remembered(): Wishes {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED_AS) ?? '{}')
    return stored && typeof stored === 'object' ? (stored as Wishes) : BLANK
  } catch {
    return BLANK
  }
}

/** Who this wall is: not let in yet and showing a code, a paired display, or a person's own screen. */
export class WallDisplay {
  phase = $state<'starting' | 'pairing' | 'ready'>('starting')
  unreachable = $state(false)
  pairing = $state.raw<Pairing | null>(null)
  cityName = $state.raw<Welcome | null>(null)
  own = $state.raw<OwnDisplay | null>(null)
  /** Of a person who opened the wall: kept in this browser. */
  private kept = $state.raw<Wishes>(remembered())
  readonly wishes = $derived<Wishes>(this.own?.wishes ?? this.kept)
  private timer: ReturnType<typeof setTimeout> | undefined
  private stopped = false

  start(): () => void {
    void this.enter()
    return () => {
      this.stopped = true
      clearTimeout(this.timer)
    }
  }

  /** The session has ended or the display was revoked: back to the code, without loading the page anew. */
  leave(): void {
    if (this.phase === 'pairing') return
    this.phase = 'starting'
    this.own = null
    void this.enter()
  }

  /** The desk has other wishes. */
  async hear(): Promise<void> {
    if (!this.own || this.phase !== 'ready') return
    try {
      await this.loadOwn()
    } catch {
      this.later(RETRY_MS, () => this.hear())
    }
  }

  /** Somebody at the screen itself; a paired display is steered at the desk. */
  choose(change: Wishes): void {
    if (this.own) return
    this.kept = { ...this.kept, ...change }
    try {
      localStorage.setItem(STORED_AS, JSON.stringify(this.kept))
    } catch {
      // Then it lasts as long as the page.
    }
    this.speak()
  }

  private later(ms: number, then: () => Promise<void>): void {
    clearTimeout(this.timer)
    if (!this.stopped) this.timer = setTimeout(() => void then(), ms)
  }

  private async enter(): Promise<void> {
    let stranger = false
    await session.start(() => {
      stranger = true
    })
    if (this.stopped) return
    if (stranger) {
      this.unreachable = false
      await this.askCode()
    } else if (session.phase === 'ready') {
      try {
        await this.loadOwn()
        this.speak()
        this.unreachable = false
        this.pairing = null
        this.phase = 'ready'
      } catch {
        this.retry()
      }
    } else this.retry()
  }

  private retry(): void {
    this.unreachable = true
    this.later(RETRY_MS, () => this.enter())
  }

  private async loadOwn(): Promise<void> {
    try {
      this.own = await get<OwnDisplay>('/api/displays/mine')
      this.speak()
    } catch (reason) {
      // A person has none.
      if (!(reason instanceof Refused && reason.status === 404)) throw reason
      this.own = null
    }
  }

  private speak(): void {
    const { language } = this.wishes
    if (language) lang.current = language as Language
  }

  private async askCode(): Promise<void> {
    try {
      this.cityName = await get<Welcome>('/api/welcome')
      this.pairing = await post<Pairing>('/api/displays/pairing')
      this.unreachable = false
      this.phase = 'pairing'
      this.later(LOOK_MS, () => this.lookWhetherLetIn(performance.now()))
    } catch {
      this.phase = 'pairing'
      this.unreachable = true
      this.later(RETRY_MS, () => this.askCode())
    }
  }

  private async lookWhetherLetIn(askedAt: number): Promise<void> {
    try {
      await get('/api/me')
      await this.enter()
      return
    } catch (reason) {
      this.unreachable = !(reason instanceof Refused)
    }
    // Codes live ten minutes; a new one comes a little before.
    if (performance.now() - askedAt > 9.5 * 60_000) this.later(0, () => this.askCode())
    else this.later(LOOK_MS, () => this.lookWhetherLetIn(askedAt))
  }
}
