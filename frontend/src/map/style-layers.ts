// Which of the style's layers belong to which published layer, and what is hidden of them.
import type { FilterSpecification, LayerSpecification, Map as MapLibreMap } from './maplibre'

/** Layers of our own that lie over the style's carry this prefix and are not touched here. */
export const OVERLAY = 'overlay:'

/** The published layer that a layer of the style draws, or null for ground and overlays. */
export function publishedLayerOf(layer: LayerSpecification): string | null {
  if (layer.id.startsWith(OVERLAY)) return null
  const named = (layer.metadata as Record<string, unknown> | undefined)?.['geogrid:layer']
  if (typeof named === 'string') return named
  return 'source-layer' in layer && layer['source-layer'] ? layer['source-layer'] : null
}

export interface Shown {
  /** Layers that are on. Layers that are not in `known` are left as the style has them. */
  on: ReadonlySet<string>
  known: ReadonlySet<string>
  /** Values of the legend that are switched off, by layer. */
  hidden: ReadonlyMap<string, ReadonlySet<string>>
}

/** Properties that a legend's values may stand in, by the published layer. */
const VALUE_OF: Record<string, string> = {
  assets: 'cls',
  incidents: 'stage',
  buildings: 'kind',
  roads: 'kind',
  cell_visits: 'visited',
  road_bits: 'state',
}

export function valueProperty(layer: string): string {
  return VALUE_OF[layer] ?? 'kind'
}

/** Shows and hides the style's layers; the style's own filters are remembered and kept. */
export class StyleLayers {
  private readonly map: MapLibreMap
  private filters = new Map<string, FilterSpecification | undefined>()
  private leftOut: string[] | 'all' = []
  private shown: Shown | null = null

  constructor(map: MapLibreMap) {
    this.map = map
  }

  /** Call after each `style.load`: filters are the new style's. */
  adopt(): void {
    this.filters = new Map(
      this.map.getStyle().layers.map((layer) => [layer.id, 'filter' in layer ? layer.filter : undefined]),
    )
    if (this.shown) this.apply(this.shown)
  }

  apply(shown: Shown): void {
    this.shown = shown
    for (const layer of this.map.getStyle()?.layers ?? []) {
      const published = publishedLayerOf(layer)
      if (!published) continue
      this.applyTo(layer.id, published, shown)
    }
  }

  /** Incidents that the live layer draws: the tiles' copies of them would show an older stage. */
  leaveOut(numbers: string[] | 'all'): void {
    if (String(numbers) === String(this.leftOut)) return
    this.leftOut = numbers
    if (!this.shown) return
    for (const layer of this.map.getStyle()?.layers ?? [])
      if (publishedLayerOf(layer) === 'incidents') this.applyTo(layer.id, 'incidents', this.shown)
  }

  private applyTo(id: string, published: string, shown: Shown): void {
    if (shown.known.has(published)) {
      const replaced = published === 'incidents' && this.leftOut === 'all'
      this.map.setLayoutProperty(id, 'visibility', shown.on.has(published) && !replaced ? 'visible' : 'none')
    }
    this.map.setFilter(id, this.filterOf(id, published, shown) ?? null)
  }

  private filterOf(id: string, published: string, shown: Shown): FilterSpecification | undefined {
    const parts: unknown[] = []
    const own = this.filters.get(id)
    if (own) parts.push(own)
    const hidden = shown.hidden.get(published)
    if (hidden && hidden.size > 0)
      parts.push(['!', ['in', ['to-string', ['get', valueProperty(published)]], ['literal', [...hidden]]]])
    if (published === 'incidents' && this.leftOut !== 'all' && this.leftOut.length > 0)
      parts.push(['!', ['in', ['to-string', ['get', 'number']], ['literal', this.leftOut]]])
    if (parts.length === 0) return undefined
    return (parts.length === 1 ? parts[0] : ['all', ...parts]) as FilterSpecification
  }
}
