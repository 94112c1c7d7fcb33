// Downloads
import type { downloads as zh } from './downloads-zh'

export const downloads: typeof zh = {
  title: 'Download',
  open: 'Download',
  intro: 'Save a layer as a file. It holds what you may see, and is kept for a day.',
  toMap: 'Back to the map',
  layer: 'Layer',
  area: 'Area',
  everywhere: 'All that I may see',
  areaHint: 'Every feature that touches the box around the chosen unit.',
  format: 'Format',
  formats: { gpkg: 'GeoPackage', fgb: 'FlatGeobuf', shp: 'Shapefile (zipped)', csv: 'CSV table' },
  make: 'Make the file',
  mine: 'My downloads',
  none: 'No downloads yet.',
  asked: (when) => `asked ${when}`,
  rows: (done, all) => `${done} of ${all} rows`,
  states: {
    waiting: 'waiting',
    working: 'being made',
    ready: 'ready',
    cancelled: 'cancelled',
    refused: 'not made',
  },
  until: (when) => `kept until ${when}`,
  fetch: (size) => `Download (${size})`,
  cancel: 'Cancel',
  remove: 'Remove the file',
  failed: 'That did not work',
  layersFailed: 'The list of layers could not be read.',
}
