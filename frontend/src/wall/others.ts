// What other parts of the city tell a wall: cameras, streets and how far they are walked.
import { get } from '../api/client'
import type { WallCamera } from './CamerasPanel.svelte'
import type { StreetCoverage } from './CoveragePanel.svelte'

export async function askCameras(_signal: AbortSignal): Promise<WallCamera[]> {
  return []
}

export async function askStreets(_signal: AbortSignal): Promise<StreetCoverage[]> {
  await get('/api/me')
  return []
}
