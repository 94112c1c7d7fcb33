import type { Change } from '../api/types'
import { EventStreamParser } from './event-stream'

/** `stale`: connected, but nothing came for a while. `gone`: no connection. `signed_out`: the session has ended. */
export type FeedState = 'connecting' | 'live' | 'stale' | 'gone' | 'signed_out'

export type FeedMessage =
  /** `silentMs`: how long ago the last sign of life came. */
  | { type: 'state'; state: FeedState; silentMs: number }
  /** The stream goes on, though it has nothing to say. */
  | { type: 'alive' }
  | { type: 'change'; change: Change }
  /** What is on the screen may be older than the feed remembers: ask for everything again. */
  | { type: 'reload' }
  | { type: 'hello'; serverTime: string }
  /** Where people on duty are; read by who shows it. */
  | { type: 'positions'; positions: unknown }

/** The server sends a comment every 4 s; two missed are silence, and nobody looks at old data for 10 s unwarned. */
export const SILENCE_MS = 9_000
const ORDINARY_LIFE_MS = 20_000
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 15_000

export interface FeedOptions {
  token: () => Promise<string>
  forgetToken: () => void
  url: (token: string) => string
  tell: (message: FeedMessage) => void
  fetch?: typeof fetch
  now?: () => number
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
  /** Runs `then` after `ms` unless called again before; returns how to stop. */
  watch?: (ms: number, then: () => void) => { touch: () => void; stop: () => void }
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

function watchdog(ms: number, then: () => void): { touch: () => void; stop: () => void } {
  let timer = setTimeout(then, ms)
  return {
    touch() {
      clearTimeout(timer)
      timer = setTimeout(then, ms)
    },
    stop: () => clearTimeout(timer),
  }
}

class SignedOut extends Error {}

/** Keeps one stream open for as long as it runs, and tells what comes and how it stands. */
export class LiveFeed {
  private readonly options: Required<FeedOptions>
  private readonly stopper = new AbortController()
  private lastId = ''
  private state: FeedState = 'connecting'
  private failures = 0
  private heardAt: number

  constructor(options: FeedOptions) {
    this.options = {
      fetch: (...given) => fetch(...given),
      now: () => performance.now(),
      wait: waitFor,
      watch: watchdog,
      ...options,
    }
    this.heardAt = this.options.now()
  }

  /** Milliseconds since the last sign of life. */
  get silentMs(): number {
    return Math.max(0, this.options.now() - this.heardAt)
  }

  get current(): FeedState {
    return this.state
  }

  stop(): void {
    this.stopper.abort()
  }

  async run(): Promise<void> {
    const { signal } = this.stopper
    while (!signal.aborted) {
      const begun = this.options.now()
      try {
        await this.connectOnce()
        // The server ends a stream when its token does: that is no trouble, and nobody need hear of it.
        if (this.options.now() - begun > ORDINARY_LIFE_MS) continue
      } catch (reason) {
        if (reason instanceof SignedOut) {
          this.turn('signed_out')
          return
        }
      }
      if (signal.aborted) return
      this.failures += 1
      // The first break is usually a restart or a proxy's time limit: say nothing yet and come back at once.
      this.turn(this.failures > 1 ? 'gone' : 'connecting')
      const pause = Math.min(FIRST_RETRY_MS * 2 ** (this.failures - 1), LONGEST_RETRY_MS)
      await this.options.wait(pause * (0.75 + Math.random() / 2), signal)
    }
  }

  private turn(state: FeedState): void {
    if (state === this.state) return
    this.state = state
    this.options.tell({ type: 'state', state, silentMs: this.silentMs })
  }

  private async connectOnce(): Promise<void> {
    const connection = new AbortController()
    const abort = () => connection.abort()
    this.stopper.signal.addEventListener('abort', abort)
    const silence = this.options.watch(SILENCE_MS, () => {
      this.turn('stale')
      connection.abort()
    })
    try {
      const token = await this.options.token().catch((reason: unknown) => {
        const status = (reason as { status?: number }).status
        throw status === 401 || status === 403 ? new SignedOut() : reason
      })
      const response = await this.options.fetch(this.options.url(token), {
        headers: { Accept: 'text/event-stream', ...(this.lastId ? { 'Last-Event-ID': this.lastId } : {}) },
        signal: connection.signal,
        cache: 'no-store',
      })
      if (response.status === 401 || response.status === 403) this.options.forgetToken()
      if (!response.ok || !response.body) throw new Error(`live feed: ${response.status}`)
      await this.read(response.body, silence.touch)
    } finally {
      silence.stop()
      this.stopper.signal.removeEventListener('abort', abort)
    }
  }

  private async read(body: ReadableStream<Uint8Array>, touch: () => void): Promise<void> {
    const parser = new EventStreamParser()
    const decoder = new TextDecoder()
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      touch()
      this.failures = 0
      this.heardAt = this.options.now()
      if (this.state === 'live') this.options.tell({ type: 'alive' })
      else this.turn('live')
      for (const { event, data, id } of parser.push(decoder.decode(value, { stream: true }))) {
        if (id) this.lastId = id
        const message = decode(event, data)
        if (message) this.options.tell(message)
      }
    }
  }
}

/** What an event means, or null when it is of a kind this page does not know. */
export function decode(event: string, data: string): FeedMessage | null {
  if (event === 'reload') return { type: 'reload' }
  let body: unknown
  try {
    body = JSON.parse(data)
  } catch {
    return null
  }
  if (typeof body !== 'object' || body === null) return null
  if (event === 'hello')
    return { type: 'hello', serverTime: String((body as { server_time?: string }).server_time ?? '') }
  if (event === 'positions') return { type: 'positions', positions: body }
  if (event === 'change' && typeof (body as Change).kind === 'string')
    return { type: 'change', change: body as Change }
  return null
}
