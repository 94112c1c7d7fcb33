// The map of the workshop: the city's style as a quiet ground, and over it the cells, their corners and what is
// being drawn. Plain TypeScript; it draws what it is told, and only what changed crosses to the map's worker.
import { type FeedTokens, withToken } from '../api/feed-token'
import type { Box, Language } from '../api/types'
import { addBaseArchives } from '../map/base-archives'
import { Frame } from '../map/frame'
import { supplyIcons } from '../map/icon-images'
import { type GeoJSONSource, Map as MapLibreMap, ScaleControl } from '../map/maplibre'
import type { Theme } from '../map/status'
import { publishedLayerOf } from '../map/style-layers'
import { layersOf, SOURCES } from './board-layers'
import type { Cell, CellKey, Coverage, Node } from './model/coverage'
import { middle, type Point, toLngLat } from './model/point'

/** Published layers that stay under the workshop's own cells. */
const GROUND = new Set(['buildings', 'roads', 'streets', 'districts'])
const FIT_MARGIN_PX = 40
/** More corners than these are drawn without the middles of their borders. */
const MOST_MIDDLES = 3000

export interface BoardMapOptions {
  container: HTMLElement
  tokens: FeedTokens
  theme: Theme
  language: Language
  bounds: Box | null
  label: string
  scale: number
  still: boolean
  exposed: boolean
  styled(): void
  ready(): void
  trouble(): void
}

export interface Mark {
  readonly at: Point
  readonly kind: string
}

export class BoardMap {
  readonly map: MapLibreMap
  private readonly frame: Frame
  private theme: Theme
  private language: Language
  private isStyled = false
  private readonly shown = new Set<CellKey>()
  private readonly picked = new Set<CellKey>()
  private readonly data = new Map<string, GeoJSON.FeatureCollection>()
  private coverage: Coverage | null = null
  private label: (cell: Cell) => string = ({ code }) => code

  constructor(options: BoardMapOptions) {
    addBaseArchives(options.tokens)
    this.theme = options.theme
    this.language = options.language
    this.frame = new Frame(options.container, options.scale)
    this.map = new MapLibreMap({
      container: this.frame.element,
      pixelRatio: this.frame.pixelRatio,
      style: this.styleUrl(),
      ...(options.bounds ? { bounds: options.bounds, fitBoundsOptions: { padding: FIT_MARGIN_PX } } : {}),
      attributionControl: false,
      fadeDuration: 0,
      maxPitch: 0,
      dragRotate: false,
      pitchWithRotate: false,
      maxCanvasSize: [16384, 16384],
      localIdeographFontFamily: false,
      doubleClickZoom: false,
      boxZoom: false,
      transformRequest: async (url) => {
        const address = new URL(url, location.href)
        const ours = address.origin === location.origin && /^\/(tiles|base)\//.test(address.pathname)
        return { url: ours ? withToken(address.href, await options.tokens.get()) : url }
      },
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.addControl(new ScaleControl({ maxWidth: 110 }), 'bottom-right')
    supplyIcons(this.map, () => this.theme)
    this.map.getCanvas().setAttribute('aria-label', options.label)
    this.map.on('style.load', () => {
      this.adopt()
      options.styled()
    })
    this.map.on('error', () => options.trouble())
    for (const event of ['load', 'idle'] as const) this.map.once(event, () => options.ready())
    if (options.exposed) window.__map = this.map
  }

  remove(): void {
    if (window.__map === this.map) delete window.__map
    this.map.remove()
    this.frame.remove()
  }

  setLooks(theme: Theme, language: Language): void {
    if (theme === this.theme && language === this.language) return
    this.theme = theme
    this.language = language
    this.isStyled = false
    this.map.setStyle(this.styleUrl(), { diff: false })
  }

  setScale(scale: number): void {
    if (!this.frame.lay(scale)) return
    this.map.setPixelRatio(this.frame.pixelRatio)
    this.map.resize()
  }

  private styleUrl = () => `${location.origin}/tiles/style/${this.theme}.json?lang=${this.language}`

  private adopt(): void {
    for (const layer of this.map.getStyle().layers) {
      const published = publishedLayerOf(layer)
      if (published && !GROUND.has(published)) this.map.setLayoutProperty(layer.id, 'visibility', 'none')
    }
    for (const source of SOURCES) {
      this.map.addSource(source, {
        type: 'geojson',
        data: this.data.get(source) ?? { type: 'FeatureCollection', features: [] },
        tolerance: 0,
        maxzoom: source === 'overlay:cells' ? 20 : 22,
        ...(source === 'overlay:cells' ? { promoteId: 'key' } : {}),
      })
    }
    for (const layer of layersOf(this.theme)) this.map.addLayer(layer)
    this.isStyled = true
    if (this.coverage) this.showAll(this.coverage, this.label)
    const picked = [...this.picked]
    this.picked.clear()
    this.pick(picked)
  }

  // Cells -------------------------------------------------------------------------------------------------

  showAll(coverage: Coverage, label: (cell: Cell) => string): void {
    this.coverage = coverage
    this.label = label
    this.shown.clear()
    const features = [...coverage.cells.values()].map((cell) => {
      this.shown.add(cell.key)
      return this.feature(coverage, cell)
    })
    this.set('overlay:cells', features)
  }

  /** Draws these cells anew; those that are gone disappear. */
  show(keys: Iterable<CellKey>): void {
    const { coverage } = this
    if (!coverage || !this.isStyled) return
    const add: GeoJSON.Feature[] = []
    const update: { id: string; newGeometry: GeoJSON.Geometry }[] = []
    const remove: string[] = []
    for (const key of keys) {
      const cell = coverage.cells.get(key)
      if (cell && this.shown.has(key)) update.push({ id: key, newGeometry: this.geometry(coverage, cell) })
      else if (cell) {
        this.shown.add(key)
        add.push(this.feature(coverage, cell))
      } else if (this.shown.delete(key)) remove.push(key)
    }
    void this.source('overlay:cells')?.updateData({ add, update, remove })
  }

  /** Also what is written on them, and their community. */
  showFacts(keys: Iterable<CellKey>): void {
    const { coverage } = this
    if (!coverage || !this.isStyled) return
    const update = [...keys].flatMap((key) => {
      const cell = coverage.cells.get(key)
      if (!cell || !this.shown.has(key)) return []
      const properties = Object.entries(this.properties(cell)).map(([name, value]) => ({ key: name, value }))
      return [{ id: key, addOrUpdateProperties: properties }]
    })
    if (update.length > 0) void this.source('overlay:cells')?.updateData({ update })
  }

  pick(keys: Iterable<CellKey>): void {
    const wanted = new Set(keys)
    for (const key of this.picked) if (!wanted.has(key)) this.state(key, false)
    for (const key of wanted) if (!this.picked.has(key)) this.state(key, true)
    this.picked.clear()
    for (const key of wanted) this.picked.add(key)
  }

  private state(id: CellKey, picked: boolean): void {
    if (this.isStyled) this.map.setFeatureState({ source: 'overlay:cells', id }, { picked })
  }

  /** Corners of these cells, the middles of their borders, and which corner has the keyboard. */
  handles(keys: Iterable<CellKey>, focused: Node | null): void {
    const { coverage } = this
    if (!coverage) return
    const features: GeoJSON.Feature[] = []
    const seen = new Set<string>()
    const corners = new Set<Node>()
    for (const key of keys)
      for (const ring of coverage.cells.get(key)?.rings ?? [])
        ring.forEach((a, i) => {
          const b = ring[(i + 1) % ring.length] as Node
          const edge = a < b ? `${a} ${b}` : `${b} ${a}`
          if (!seen.has(edge) && ring.length < MOST_MIDDLES) {
            seen.add(edge)
            features.push(point(middle(coverage.at(a), coverage.at(b)), { kind: 'middle' }))
          }
          corners.add(a)
        })
    for (const node of corners) {
      const kind = node === focused ? 'focused' : coverage.linksOf(node).length > 2 ? 'junction' : 'corner'
      features.push(point(coverage.at(node), { kind }))
    }
    this.set('overlay:handles', features)
  }

  // What is being drawn ------------------------------------------------------------------------------------

  stroke(places: readonly Point[], isClosed: boolean): void {
    const line = places.map((at) => toLngLat(at))
    const first = line[0]
    if (isClosed && first && line.length > 2) line.push(first)
    this.set('overlay:stroke', [
      ...(line.length > 1
        ? [
            {
              type: 'Feature' as const,
              properties: {},
              geometry: { type: 'LineString' as const, coordinates: line },
            },
          ]
        : []),
      ...places.map((at) => point(at, {})),
    ])
  }

  /** Outlines as they were before, or as somebody else has them. */
  ghost(
    outlines: readonly { rings: readonly (readonly Point[])[]; kind: 'before' | 'mine' | 'theirs' | 'old' }[],
  ): void {
    this.set(
      'overlay:ghost',
      outlines.map(({ rings, kind }) => ({
        type: 'Feature',
        properties: { kind },
        geometry: polygon(rings),
      })),
    )
  }

  marks(marks: readonly Mark[]): void {
    this.set(
      'overlay:marks',
      marks.map(({ at, kind }) => point(at, { kind })),
    )
  }

  private feature(coverage: Coverage, cell: Cell): GeoJSON.Feature {
    return {
      type: 'Feature',
      id: cell.key,
      properties: this.properties(cell),
      geometry: this.geometry(coverage, cell),
    }
  }

  private properties(cell: Cell): Record<string, string | number | boolean> {
    return {
      key: cell.key,
      label: this.label(cell),
      tone: cell.community % 6,
      isNew: cell.key.startsWith('n'),
      isOwn: cell.kind === 'EXCLUSIVE',
    }
  }

  private geometry = (coverage: Coverage, cell: Cell): GeoJSON.Polygon => polygon(coverage.drawn(cell))

  private source(id: string): GeoJSONSource | undefined {
    return this.isStyled ? this.map.getSource<GeoJSONSource>(id) : undefined
  }

  private set(id: string, features: GeoJSON.Feature[]): void {
    const data: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features }
    if (id !== 'overlay:cells') this.data.set(id, data)
    void this.source(id)?.setData(data)
  }
}

const point = (at: Point, properties: Record<string, string>): GeoJSON.Feature => ({
  type: 'Feature',
  properties,
  geometry: { type: 'Point', coordinates: toLngLat(at) },
})

const polygon = (rings: readonly (readonly Point[])[]): GeoJSON.Polygon => ({
  type: 'Polygon',
  coordinates: rings.map((ring) => {
    const line = ring.map((at) => toLngLat(at))
    const [first] = line
    return first ? [...line, first] : line
  }),
})
