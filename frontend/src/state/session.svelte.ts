import { get, patch, post, Refused } from '../api/client'
import { FeedTokens } from '../api/feed-token'
import type { City, FeedToken, Language, Layer, Me } from '../api/types'
import type { Reader } from '../i18n/format'
import { lang } from '../i18n/index.svelte'

export const toLogin = () => {
  const back = location.pathname + location.search + location.hash
  location.assign(`/login?next=${encodeURIComponent(back)}`)
}

/** Who is looking, at which city, and what there is to see. */
class Session {
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  me = $state.raw<Me | null>(null)
  city = $state.raw<City | null>(null)
  layers = $state.raw<Layer[]>([])
  layersFailed = $state(false)
  readonly tokens = new FeedTokens(() => get<FeedToken>('/api/feed-token'))

  get reader(): Reader {
    return { locale: lang.locale, zone: this.city?.zone ?? '' }
  }

  may(action: string): boolean {
    return this.me?.actions.includes(action) ?? false
  }

  /** `stranger`: what to do when nobody is signed in. Pages that list no layers do without them. */
  async start(stranger: () => void = toLogin, { layers = true } = {}): Promise<void> {
    this.phase = 'loading'
    try {
      const [me, city] = await Promise.all([get<Me>('/api/me'), get<City>('/api/city')])
      this.me = me
      this.city = city
      lang.prefer(me.language)
      this.phase = 'ready'
    } catch (reason) {
      if (reason instanceof Refused && (reason.status === 401 || reason.status === 403)) stranger()
      else this.phase = 'failed'
      return
    }
    if (layers) await this.loadLayers()
  }

  async loadLayers(): Promise<void> {
    try {
      this.layers = await get<Layer[]>('/api/layers')
      this.layersFailed = false
    } catch {
      this.layersFailed = true
    }
  }

  /** The language of this browser, and from now on of this account. */
  chooseLanguage(language: Language): void {
    lang.choose(language)
    // What the account could not be told it hears at the next choice.
    if (this.me) void patch<Me>('/api/me', { language }).catch(() => undefined)
  }

  async signOut(): Promise<void> {
    await post('/api/logout').catch(() => undefined)
    location.assign('/login')
  }
}

export const session = new Session()
