// How the workshop's cells, corners and strokes look on the map. Fill without antialias, borders as lines of their
// own: else every border of a translucent fill is painted twice.
import type { ExpressionSpecification, LayerSpecification } from '../map/maplibre'
import type { Theme } from '../map/status'

export const SOURCES = [
  'overlay:cells',
  'overlay:ghost',
  'overlay:stroke',
  'overlay:handles',
  'overlay:marks',
] as const

const FONTS = ['Inter Variable', 'Noto Sans CJK SC', 'sans-serif']

export const COLOURS = {
  dark: {
    tones: ['#17485a', '#1d3f66', '#2a3c63', '#163f4d', '#234a55', '#1a3a5c'],
    edge: '#7f9fbd',
    picked: '#65b3fe',
    fresh: '#7ef7c8',
    text: '#eef4fb',
    halo: '#0a0f16',
    stroke: '#ffe938',
    handle: '#ffffff',
    bad: '#f0403d',
    lint: '#f9a14f',
    theirs: '#f9a14f',
    old: '#ff8fd8',
  },
  light: {
    tones: ['#b5d3dc', '#b9cbe6', '#c6cce8', '#aed0d4', '#c2dcd9', '#b3c8e2'],
    edge: '#4d6a86',
    picked: '#0b5cad',
    fresh: '#0b8058',
    text: '#0f1a26',
    halo: '#ffffff',
    stroke: '#a3007a',
    handle: '#ffffff',
    bad: '#c81e2b',
    lint: '#b85a00',
    theirs: '#b85a00',
    old: '#a3007a',
  },
} as const

export function layersOf(theme: Theme): LayerSpecification[] {
  const of = COLOURS[theme]
  const picked: ExpressionSpecification = ['boolean', ['feature-state', 'picked'], false]
  const [first, one, two, three, four, five] = of.tones
  return [
    {
      id: 'overlay:cells-fill',
      type: 'fill',
      source: 'overlay:cells',
      paint: {
        'fill-antialias': false,
        'fill-color': [
          'case',
          picked,
          of.picked,
          ['boolean', ['get', 'isNew'], false],
          of.fresh,
          ['match', ['get', 'tone'], 1, one, 2, two, 3, three, 4, four, 5, five, first],
        ],
        'fill-opacity': ['case', picked, 0.34, 0.3],
      },
    },
    {
      id: 'overlay:cells-edge',
      type: 'line',
      source: 'overlay:cells',
      paint: {
        'line-color': ['case', picked, of.picked, of.edge],
        'line-width': ['interpolate', ['linear'], ['zoom'], 10, 0.5, 14, 1.2, 17, 2],
      },
    },
    {
      id: 'overlay:ghost',
      type: 'line',
      source: 'overlay:ghost',
      paint: {
        'line-color': [
          'match',
          ['get', 'kind'],
          'theirs',
          of.theirs,
          'mine',
          of.stroke,
          'old',
          of.old,
          of.text,
        ],
        'line-width': ['match', ['get', 'kind'], 'before', 1.2, 'old', 1.6, 2.5],
        'line-dasharray': [3, 2],
      },
    },
    {
      id: 'overlay:cells-label',
      type: 'symbol',
      source: 'overlay:cells',
      minzoom: 13.5,
      layout: { 'text-field': ['get', 'label'], 'text-font': FONTS, 'text-size': 12, 'text-padding': 6 },
      paint: { 'text-color': of.text, 'text-halo-color': of.halo, 'text-halo-width': 1.4 },
    },
    {
      id: 'overlay:stroke-line',
      type: 'line',
      source: 'overlay:stroke',
      filter: ['==', ['geometry-type'], 'LineString'],
      paint: { 'line-color': of.stroke, 'line-width': 2.5 },
    },
    {
      id: 'overlay:stroke-point',
      type: 'circle',
      source: 'overlay:stroke',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-color': of.halo,
        'circle-radius': 4,
        'circle-stroke-color': of.stroke,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'overlay:handles',
      type: 'circle',
      source: 'overlay:handles',
      minzoom: 13,
      paint: {
        'circle-radius': ['match', ['get', 'kind'], 'focused', 8, 'junction', 6.5, 'corner', 5, 3.5],
        'circle-color': ['match', ['get', 'kind'], 'middle', of.halo, 'focused', of.stroke, of.handle],
        'circle-stroke-color': of.picked,
        'circle-stroke-width': ['match', ['get', 'kind'], 'middle', 1.5, 2.5],
      },
    },
    {
      id: 'overlay:marks',
      type: 'circle',
      source: 'overlay:marks',
      paint: {
        'circle-radius': ['match', ['get', 'kind'], 'refused', 11, 'snap', 7, 6],
        'circle-color': ['match', ['get', 'kind'], 'lint', of.lint, 'rgba(0,0,0,0)'],
        'circle-stroke-color': ['match', ['get', 'kind'], 'refused', of.bad, 'snap', of.stroke, of.halo],
        'circle-stroke-width': ['match', ['get', 'kind'], 'refused', 4, 2],
      },
    },
  ]
}
