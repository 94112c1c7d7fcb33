import type { FeedTokens } from '../api/feed-token'
import { type FeedMessage, LiveFeed } from './feed'
import workerUrl from './feed-worker?sharedworker&url'

/** Listens to the live feed until the returned function is called. */
export function connectLive(tokens: FeedTokens, tell: (message: FeedMessage) => void): () => void {
  if (typeof SharedWorker === 'undefined') return connectAlone(tokens, tell)
  const worker = new SharedWorker(workerUrl, { type: 'module', name: 'geogrid-live' })
  worker.port.onmessage = (event: MessageEvent<FeedMessage>) => tell(event.data)
  const leave = () => worker.port.postMessage('leave')
  window.addEventListener('pagehide', leave)
  return () => {
    window.removeEventListener('pagehide', leave)
    leave()
    worker.port.close()
  }
}

/** Browsers without SharedWorker (Chrome on Android) hold one stream for each page. */
function connectAlone(tokens: FeedTokens, tell: (message: FeedMessage) => void): () => void {
  const feed = new LiveFeed({
    token: () => tokens.get(),
    forgetToken: () => tokens.forget(),
    url: (token) => `/live?token=${encodeURIComponent(token)}`,
    tell,
  })
  void feed.run()
  return () => feed.stop()
}
