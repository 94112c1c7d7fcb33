// One stream for all tabs of this browser: HTTP/1.1 allows six connections to a server.
import { FeedTokens } from '../api/feed-token'
import type { FeedToken } from '../api/types'
import { type FeedMessage, LiveFeed } from './feed'

interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null
}

const ports = new Set<MessagePort>()
let feed: LiveFeed | null = null

async function askToken(): Promise<FeedToken> {
  const response = await fetch('/api/feed-token', { credentials: 'same-origin', cache: 'no-store' })
  if (!response.ok) throw Object.assign(new Error('feed token'), { status: response.status })
  return (await response.json()) as FeedToken
}

function tell(message: FeedMessage): void {
  for (const port of ports) port.postMessage(message)
}

function start(): LiveFeed {
  const tokens = new FeedTokens(askToken)
  const started = new LiveFeed({
    token: () => tokens.get(),
    forgetToken: () => tokens.forget(),
    url: (token) => `/live?token=${encodeURIComponent(token)}`,
    tell,
  })
  void started.run()
  return started
}

;(self as unknown as SharedScope).onconnect = (event) => {
  const port = event.ports[0]
  if (!port) return
  ports.add(port)
  if (!feed || feed.current === 'signed_out') feed = start()
  port.postMessage({ type: 'state', state: feed.current, silentMs: feed.silentMs } satisfies FeedMessage)
  port.onmessage = () => {
    // The only thing a page ever says is that it leaves.
    ports.delete(port)
    if (ports.size > 0) return
    feed?.stop()
    feed = null
  }
}
