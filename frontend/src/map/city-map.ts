// The map of the city. Plain TypeScript: the page hands in what to show and hears what the user does.
import type { FeedTokens } from '../api/feed-token'
import { withToken } from '../api/feed-token'
import type { Box, Language, LngLat } from '../api/types'
import { addBaseArchives } from './base-archives'
import { pitchFor, showBlocks } from './buildings-3d'
import type { Pick, View } from './deep-link'
import { Frame } from './frame'
import { FreshMarks } from './fresh-marks'
import { listenToHover, listenToLongPress, REACH_PX } from './gestures'
import { supplyIcons } from './icon-images'
import { IncidentOverlay } from './incident-overlay'
import { withLeastText } from './least-text'
import { type ErrorEvent, type Map as MapLibreMap, ScaleControl, type VectorTileSource } from './maplibre'
import type { IncidentMark } from './mark-changes'
import { PatientMap } from './patient-map'
import { PickOverlay } from './pick-overlay'
import { thingsAt } from './picking'
import { Pin } from './pin'
import type { Theme } from './status'
import { publishedLayerOf, type Shown, StyleLayers } from './style-layers'
import { type TileId, TileTrouble } from './tile-trouble'

export interface MapHears {
  moved(view: View): void
  picked(picks: Pick[], at: LngLat): void
  /** The user asks who answers for a point (right click, long press, Enter on the keyboard). */
  asked(at: LngLat): void
  hoveredIncident(number: string | null): void
  trouble(what: 'style' | 'tiles' | 'context' | null): void
  /** A style has come, the first or another: what the page draws over it is to be added anew. */
  styled?(): void
  ready(): void
}

export interface CityMapOptions {
  container: HTMLElement
  tokens: FeedTokens
  theme: Theme
  language: Language
  view: View | null
  bounds: Box | null
  label: string
  hears: MapHears
  /** By how much everything on the map is enlarged (see Frame). */
  scale: number
  /** No text of the style is smaller, in pixels before they are enlarged. */
  leastText?: number
  /** No animation, so that pictures of the same state are the same to the pixel. */
  still: boolean
  /** Puts the map on `window.__map` for browser tests. */
  exposed: boolean
}

declare global {
  interface Window {
    __map?: MapLibreMap
  }
}

const FIT_MARGIN_PX = 24
const STYLE_RETRY_MS = 4000
const REDRAW_MS = 100
const REFRESH_TILES_AFTER_MS = 400

export const hasWebgl = (): boolean => {
  const canvas = document.createElement('canvas')
  return Boolean(canvas.getContext('webgl2') ?? canvas.getContext('webgl'))
}

export class CityMap {
  readonly map: PatientMap
  readonly pin: Pin
  private readonly frame: Frame
  private readonly leastText: number
  private readonly tokens: FeedTokens
  private readonly hears: MapHears
  private readonly still: boolean
  private readonly layers: StyleLayers
  private readonly incidents: IncidentOverlay
  private readonly pick: PickOverlay
  private readonly fresh: FreshMarks
  private readonly tileTrouble: TileTrouble
  private incidentsOn = true
  private theme: Theme
  private language: Language
  private blocks = false
  /** What the first view shows until somebody moves the map: it is fitted anew when panels open. */
  private fitted: Box | null
  private readonly bounds: Box | null
  private styleTimer = 0
  private refreshTimer = 0
  private incidentsTimer = 0
  private incidentsTold: { marks: IncidentMark[]; complete: boolean } | null = null
  private readonly toRefresh = new Set<string>()

  constructor(options: CityMapOptions) {
    const { container, tokens, theme, language, view, bounds, hears, still } = options
    this.tokens = tokens
    this.hears = hears
    this.theme = theme
    this.language = language
    this.still = still
    this.fitted = view ? null : bounds
    this.bounds = bounds
    addBaseArchives(tokens)
    this.leastText = options.leastText ?? 0
    this.frame = new Frame(container, options.scale)
    this.map = new PatientMap({
      container: this.frame.element,
      pixelRatio: this.frame.pixelRatio,
      ...(view
        ? { center: [view.lng, view.lat], zoom: view.zoom, bearing: view.bearing, pitch: view.pitch }
        : bounds
          ? { bounds, fitBoundsOptions: { padding: FIT_MARGIN_PX } }
          : {}),
      transformRequest: (url) => this.signed(url),
      attributionControl: false,
      fadeDuration: 0,
      maxPitch: 70,
      // The default of 4096 silently halves the picture of a wall.
      maxCanvasSize: [16384, 16384],
      localIdeographFontFamily: false,
      keyboard: true,
    })
    this.map.addControl(new ScaleControl({ maxWidth: 110 }), 'bottom-right')
    supplyIcons(this.map, () => this.theme)
    this.layers = new StyleLayers(this.map)
    this.incidents = new IncidentOverlay(this.map)
    this.pick = new PickOverlay(this.map)
    this.pin = new Pin(this.map)
    this.fresh = new FreshMarks(this.map)
    this.tileTrouble = new TileTrouble({
      again: (source, tiles) => this.askAgain(source, tiles),
      areLoaded: () => this.map.areTilesLoaded(),
      tell: (there) => hears.trouble(there ? 'tiles' : null),
    })
    this.map.getCanvas().setAttribute('aria-label', options.label)
    this.listen()
    this.loadStyle()
    if (options.exposed) window.__map = this.map
  }

  remove(): void {
    clearTimeout(this.styleTimer)
    this.tileTrouble.forget()
    clearTimeout(this.refreshTimer)
    clearTimeout(this.incidentsTimer)
    this.pin.hide()
    if (window.__map === this.map) delete window.__map
    this.map.remove()
    this.frame.remove()
  }

  /** The page has another size: see Frame. */
  setScale(scale: number): void {
    if (!this.frame.lay(scale)) return
    this.map.setPixelRatio(this.frame.pixelRatio)
    this.map.resize()
  }

  private loadStyle(): void {
    const { leastText } = this
    this.map.setStyle(styleUrl(this.theme, this.language), {
      diff: false,
      ...(leastText > 0 ? { transformStyle: (_, next) => withLeastText(next, leastText) } : {}),
    })
  }

  get blocksShown(): boolean {
    return this.blocks
  }

  get centre(): LngLat {
    const { lng, lat } = this.map.getCenter()
    return [lng, lat]
  }

  /** Theme and language both are the style's; it is loaded anew when either is another. */
  setLooks(theme: Theme, language: Language): void {
    if (theme === this.theme && language === this.language) return
    this.theme = theme
    this.language = language
    this.loadStyle()
  }

  showLayers(shown: Shown): void {
    this.incidentsOn = !shown.known.has('incidents') || shown.on.has('incidents')
    this.incidents.show(this.incidentsOn)
    if (!this.incidentsOn) this.fresh.clear()
    this.layers.apply(shown)
  }

  /** `complete`: these are all that are open, so that tiles need draw none. */
  showIncidents(marks: IncidentMark[], complete: boolean): void {
    if (this.incidentsOn) this.fresh.set(marks, this.theme)
    this.incidentsTold = { marks, complete }
    if (this.incidentsTimer) return
    this.drawIncidents()
    // The first change is drawn at once, a stream of them ten times a second.
    this.incidentsTimer = window.setTimeout(() => {
      this.incidentsTimer = 0
      if (this.incidentsTold) this.drawIncidents()
    }, REDRAW_MS)
  }

  private drawIncidents(): void {
    if (!this.incidentsTold) return
    const { marks, complete } = this.incidentsTold
    this.incidentsTold = null
    this.incidents.set(marks, complete)
    this.layers.leaveOut(complete ? 'all' : marks.map(({ number }) => number))
  }

  hoverIncident(number: string | null): void {
    this.incidents.hover(number)
  }

  outline(geometry: GeoJSON.Geometry | null): void {
    this.pick.set(geometry)
  }

  showBlocks(on: boolean): void {
    this.fitted = null
    this.blocks = on
    showBlocks(this.map, on, this.theme)
    const pitch = pitchFor(on)
    const zoom = on ? Math.max(this.map.getZoom(), 16) : this.map.getZoom()
    if (this.still) this.map.jumpTo({ pitch, zoom })
    else this.map.easeTo({ pitch, zoom, duration: 600 })
  }

  /** Widths of the panels that cover the map, in pixels of the page, so that "in the middle" means the free part of it. */
  setPadding({ left, right, top, bottom }: Padding): void {
    const { scale } = this.frame
    this.map.setPadding({
      left: left / scale,
      right: right / scale,
      top: top / scale,
      bottom: bottom / scale,
    })
    this.fitAgain()
  }

  private fitAgain(): void {
    if (this.fitted) this.map.fitBounds(this.fitted, { padding: FIT_MARGIN_PX, animate: false })
  }

  /** `zoom` is the least; `exactly` is neither nearer nor farther. */
  flyTo(place: { at: LngLat; bbox?: Box | null; zoom?: number; exactly?: number }): void {
    const { bbox, exactly } = place
    this.fitted = null
    if (bbox && bbox[2] > bbox[0]) {
      this.map.fitBounds(bbox, { padding: 40, maxZoom: 18, duration: this.still ? 0 : 900 })
      return
    }
    const zoom = exactly ?? Math.max(this.map.getZoom(), place.zoom ?? 17)
    if (this.still) this.map.jumpTo({ center: place.at, zoom })
    else this.map.flyTo({ center: place.at, zoom, duration: 900 })
  }

  /** All of the city, in the free part of the map, also after that has another size. */
  showWhole(): void {
    if (!this.bounds) return
    this.fitted = this.bounds
    this.map.fitBounds(this.bounds, { padding: FIT_MARGIN_PX, duration: this.still ? 0 : 900 })
  }

  /** Where a place is on the page, in pixels from the corner of the map. */
  onPage(at: LngLat): { x: number; y: number } {
    const { x, y } = this.map.project(at)
    return { x: x * this.frame.scale, y: y * this.frame.scale }
  }

  zoomBy(steps: number): void {
    this.fitted = null
    this.map.zoomTo(this.map.getZoom() + steps, { duration: this.still ? 0 : 250 })
  }

  resetNorth(): void {
    this.map.easeTo({ bearing: 0, pitch: pitchFor(this.blocks), duration: this.still ? 0 : 300 })
  }

  /** Something on these layers changed: ask for their tiles anew, once for a burst of changes. */
  refreshTiles(layers: string[]): void {
    for (const layer of layers) this.toRefresh.add(layer)
    if (this.refreshTimer) return
    this.refreshTimer = window.setTimeout(() => {
      this.refreshTimer = 0
      for (const source of this.sourcesOf(this.toRefresh)) this.map.refreshTiles(source)
      this.toRefresh.clear()
    }, REFRESH_TILES_AFTER_MS)
  }

  refreshAllTiles(): void {
    this.tileTrouble.forget()
    this.hears.trouble(null)
    for (const [id, source] of Object.entries(this.map.getStyle()?.sources ?? {}))
      if (source.type === 'vector') this.map.refreshTiles(id)
  }

  private sourcesOf(published: ReadonlySet<string>): Set<string> {
    const sources = new Set<string>()
    for (const layer of this.map.getStyle()?.layers ?? []) {
      const drawn = publishedLayerOf(layer)
      if (drawn && published.has(drawn) && 'source' in layer && typeof layer.source === 'string')
        sources.add(layer.source)
    }
    return sources
  }

  /** Our own tiles and style carry the feed token of the moment; nothing else is asked of anyone. */
  private async signed(url: string): Promise<{ url: string }> {
    const address = new URL(url, location.href)
    const ours = address.origin === location.origin && /^\/(tiles|base)\//.test(address.pathname)
    return { url: ours ? withToken(address.href, await this.tokens.get()) : url }
  }

  private listen(): void {
    const { map, hears } = this
    map.on('style.load', () => {
      this.tileTrouble.forget()
      hears.trouble(null)
      this.layers.adopt()
      this.pick.add(this.theme)
      this.incidents.add(this.theme, this.leastText)
      if (this.blocks) showBlocks(map, true, this.theme)
      hears.styled?.()
    })
    // Changes that stream in keep a map from ever being idle; `load` is the first whole picture.
    for (const event of ['load', 'idle'] as const) map.once(event, () => hears.ready())
    map.on('movestart', ({ originalEvent }) => {
      if (originalEvent) this.fitted = null
    })
    map.on('resize', () => this.fitAgain())
    map.on('moveend', () => {
      const { lng, lat } = map.getCenter()
      hears.moved({ zoom: map.getZoom(), lat, lng, bearing: map.getBearing(), pitch: map.getPitch() })
    })
    map.on('error', (event) => this.onError(event))
    map.on('sourcedata', () => this.tileTrouble.settle())
    map.on('webglcontextlost', () => hears.trouble('context'))
    map.on('webglcontextrestored', () => hears.trouble(this.tileTrouble.isThere ? 'tiles' : null))
    map.on('click', ({ point, lngLat, originalEvent }) => {
      const touch = (originalEvent as PointerEvent).pointerType === 'touch'
      const { picks, group } = thingsAt(map, point.x, point.y, touch ? REACH_PX.touch : REACH_PX.mouse)
      if (group) this.flyTo({ at: [lngLat.lng, lngLat.lat], zoom: map.getZoom() + 2 })
      else hears.picked(picks, [lngLat.lng, lngLat.lat])
    })
    map.on('contextmenu', ({ lngLat }) => hears.asked([lngLat.lng, lngLat.lat]))
    map.getCanvas().addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return
      event.preventDefault()
      hears.asked(this.centre)
    })
    listenToHover(map, this.incidents, hears)
    listenToLongPress(map, hears)
  }

  private askAgain(source: string, tiles: TileId[]): void {
    const found = this.map.getSource<VectorTileSource>(source)
    if (!found) return
    if (tiles.length > 0) this.map.refreshTiles(source, tiles)
    else if (found.url) found.setUrl(found.url)
  }

  private onError(event: MapError): void {
    const { error, sourceId, tile } = event
    if (error?.status === 401 || error?.status === 403) this.tokens.forget()
    if (sourceId) {
      this.tileTrouble.failedIn(sourceId, tile?.tileID.canonical)
      return
    }
    if (this.map.isStyleLoaded() || this.map.getStyle()?.layers?.length) {
      // A picture or an expression: nothing that a reader could wait for.
      console.error(error)
      return
    }
    this.hears.trouble('style')
    clearTimeout(this.styleTimer)
    this.styleTimer = window.setTimeout(() => this.loadStyle(), STYLE_RETRY_MS)
  }
}

interface Padding {
  left: number
  right: number
  top: number
  bottom: number
}

/** What MapLibre says when something fails; the place of it is not in its types. */
type MapError = Partial<ErrorEvent> & {
  error?: { status?: number }
  sourceId?: string
  tile?: { tileID: { canonical: TileId } }
}

const styleUrl = (theme: Theme, language: Language) =>
  `${location.origin}/tiles/style/${theme}.json?lang=${language}`
