/** Fonts of the map, as CSS families: without a glyph server MapLibre draws with the machine's own. */
export const MAP_FONT = [
  'Inter Variable',
  'Noto Sans CJK SC',
  'PingFang SC',
  'Microsoft YaHei',
  'Noto Sans SC',
  'sans-serif',
]
