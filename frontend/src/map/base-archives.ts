// Base layers are PMTiles archives on our own server, read by range requests that carry the feed token.
import { PMTiles, Protocol, type RangeResponse, type Source } from 'pmtiles'
import { type FeedTokens, withToken } from '../api/feed-token'
import { addProtocol } from './maplibre'

class ArchiveOverHttp implements Source {
  private readonly url: string
  private readonly tokens: FeedTokens

  constructor(url: string, tokens: FeedTokens) {
    this.url = url
    this.tokens = tokens
  }

  getKey(): string {
    return this.url
  }

  async getBytes(offset: number, length: number, signal?: AbortSignal): Promise<RangeResponse> {
    const address = withToken(new URL(this.url, location.origin).href, await this.tokens.get())
    const response = await fetch(address, {
      headers: { Range: `bytes=${offset}-${offset + length - 1}` },
      ...(signal ? { signal } : {}),
    })
    if (!response.ok) throw new Error(`base map: ${response.status}`)
    const etag = response.headers.get('ETag')
    return { data: await response.arrayBuffer(), ...(etag ? { etag } : {}) }
  }
}

/** Teaches MapLibre `pmtiles://` addresses. Once per page is enough; more is harmless. */
export function addBaseArchives(tokens: FeedTokens): void {
  const protocol = new Protocol({ metadata: true })
  addProtocol('pmtiles', (params, abort) => {
    const [url = ''] = params.url.replace(/^pmtiles:\/\//, '').split(/\/\d+\/\d+\/\d+$/)
    if (!protocol.get(url)) protocol.add(new PMTiles(new ArchiveOverHttp(url, tokens)))
    return protocol.tile(params, abort)
  })
}
