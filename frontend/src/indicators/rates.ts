// Rates on the page: how they are ordered, found, coloured and written. Pure.
import type { components } from '../api/schema'

export type Row = components['schemas']['FigureRow']
export type Rate = components['schemas']['Rate']
export type Definition = components['schemas']['IndicatorDefinition']

/** Where a rate stands between the least and the most of its table, from 0 to 1; null without a value. */
export function placeOf(rate: Rate | undefined, [least, most]: [number, number]): number | null {
  if (!rate || rate.value === null) return null
  return most > least ? (rate.value - least) / (most - least) : 0.5
}

/** Least and most of a column. */
export function spanOf(rates: (Rate | undefined)[]): [number, number] {
  const values = rates.flatMap((rate) => (rate && rate.value !== null ? [rate.value] : []))
  return values.length ? [Math.min(...values), Math.max(...values)] : [0, 1]
}

/**
 * The best first by what is good for the indicator; rows without a value last. Equal rates: the larger
 * denominator first, for it says more.
 */
export function ranked(rows: Row[], at: number, moreIsBetter: boolean | null): Row[] {
  const sign = moreIsBetter === false ? 1 : -1
  return [...rows].sort((a, b) => {
    const [x, y] = [a.rates[at], b.rates[at]]
    if (!x || !y) return 0
    if (x.value === null || y.value === null) return Number(x.value === null) - Number(y.value === null)
    return sign * (x.value - y.value) || y.denominator - x.denominator || a.key.localeCompare(b.key)
  })
}

/** Rows whose key or name holds what was typed. */
export function matching(rows: Row[], typed: string): Row[] {
  const wanted = typed.trim().toLowerCase()
  if (!wanted) return rows
  return rows.filter((row) =>
    [row.key, row.name, row.name_en].some((text) => text.toLowerCase().includes(wanted)),
  )
}

/** A share as a percentage; never 100 % for what is not all of it. */
export function percent(value: number | null, locale: string): string {
  if (value === null) return '–'
  const held = value < 1 ? Math.min(value, 0.999) : value
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(held)
}
