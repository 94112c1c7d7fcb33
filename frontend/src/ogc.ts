// The HTML pages of /ogc: the server writes them whole; here the features they show are drawn on the map.
import './look/base.css'
import './ogc.css'
import { FeedTokens } from './api/feed-token'
import type { FeedToken } from './api/types'

async function feedToken(): Promise<FeedToken> {
  const answer = await fetch('/api/feed-token')
  if (!answer.ok) throw new Error(`feed token: ${answer.status}`)
  return answer.json()
}

const block = document.getElementById('features')
const container = document.getElementById('map')
if (block?.textContent && container) {
  const features = JSON.parse(block.textContent) as GeoJSON.FeatureCollection
  const { showFeatures } = await import('./map/feature-map')
  showFeatures(container, features, new FeedTokens(feedToken))
}
