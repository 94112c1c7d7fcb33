// Cameras of the city, as the panel of a wall shows them.
import { get } from '../api/client'
import type { CameraFeature } from '../api/types'
import type { WallCamera } from './CamerasPanel.svelte'

/** Those that have a picture to show. */
export async function askCameras(signal: AbortSignal): Promise<WallCamera[]> {
  const { features } = await get<{ features: CameraFeature[] }>('/api/cameras', { signal })
  return features
    .filter(({ properties }) => properties.has_picture)
    .map(({ id, properties: { name, asset, location_text } }) => ({
      id,
      name: name || location_text || asset,
      picture: `/api/cameras/${id}/snapshot`,
    }))
}
