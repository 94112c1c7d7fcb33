import type { FeedToken } from './types'

/** A token is asked for anew when less than this is left of it. */
export const REFRESH_BEFORE_MS = 60_000

/** The short-lived signed token of tiles and live feed; one request at a time, however many tiles ask. */
export class FeedTokens {
  private held: { token: string; expiresAt: number } | null = null
  private asking: Promise<string> | null = null
  private readonly ask: () => Promise<FeedToken>
  private readonly now: () => number

  constructor(ask: () => Promise<FeedToken>, now: () => number = Date.now) {
    this.ask = ask
    this.now = now
  }

  /** A token that is good for at least a minute. Throws what the request throws. */
  async get(): Promise<string> {
    if (this.held && this.held.expiresAt - this.now() > REFRESH_BEFORE_MS) return this.held.token
    this.asking ??= this.renew().finally(() => {
      this.asking = null
    })
    return this.asking
  }

  /** Call when the server refused the token: the next `get` asks for a new one. */
  forget(): void {
    this.held = null
  }

  private async renew(): Promise<string> {
    const { token, expires_at } = await this.ask()
    const expiresAt = Date.parse(expires_at)
    // A clock far off would ask before every tile: count from the arrival then, and never less than a minute.
    const sane =
      expiresAt - this.now() > 2 * REFRESH_BEFORE_MS ? expiresAt : this.now() + 2 * REFRESH_BEFORE_MS
    this.held = { token, expiresAt: sane }
    return token
  }
}

/** The address with the token in its query, whatever token it carried before. */
export function withToken(url: string, token: string): string {
  const address = new URL(url)
  address.searchParams.set('token', token)
  // URLSearchParams writes + and { } of layer lists and templates as escapes; the path is left alone.
  return address.toString()
}
