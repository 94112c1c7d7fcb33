// Dates, ages and figures in the reader's language and the city's time zone. Pure: language and now come in.
import type { Dictionary } from './zh'

export interface Reader {
  locale: string
  zone: string
}

const formats = new Map<string, Intl.DateTimeFormat>()

function dateFormat(reader: Reader, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${reader.locale} ${reader.zone} ${JSON.stringify(options)}`
  const made =
    formats.get(key) ??
    new Intl.DateTimeFormat(reader.locale, {
      ...options,
      hourCycle: 'h23',
      ...(reader.zone ? { timeZone: reader.zone } : {}),
    })
  formats.set(key, made)
  return made
}

const DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
const CLOCK = { hour: '2-digit', minute: '2-digit' } as const

/** Local day of the city, only to compare two moments. */
const dayOf = (at: Date, reader: Reader) => dateFormat({ ...reader, locale: 'en-CA' }, DAY).format(at)

export function clock(at: Date, reader: Reader, seconds = false): string {
  return dateFormat(reader, seconds ? { ...CLOCK, second: '2-digit' } : CLOCK).format(at)
}

/** The time of day when it was today, else the date too. */
export function moment(iso: string | null | undefined, reader: Reader, now: Date = new Date()): string {
  const at = new Date(iso ?? '')
  if (Number.isNaN(at.getTime())) return ''
  if (dayOf(at, reader) === dayOf(now, reader)) return clock(at, reader)
  const sameYear = at.getFullYear() === now.getFullYear()
  const day = sameYear ? ({ month: 'short', day: 'numeric' } as const) : DAY
  return dateFormat(reader, { ...day, ...CLOCK }).format(at)
}

export function date(iso: string | null | undefined, reader: Reader): string {
  const at = new Date(iso ?? '')
  return Number.isNaN(at.getTime()) ? '' : dateFormat(reader, DAY).format(at)
}

export function isToday(iso: string, reader: Reader, now: Date = new Date()): boolean {
  const at = new Date(iso)
  return !Number.isNaN(at.getTime()) && dayOf(at, reader) === dayOf(now, reader)
}

/** "3 minutes ago", in the largest unit that fits. */
export function ago(iso: string, reader: Reader, t: Dictionary, now: Date = new Date()): string {
  const seconds = (Date.parse(iso) - now.getTime()) / 1000
  if (Number.isNaN(seconds)) return ''
  const relative = new Intl.RelativeTimeFormat(reader.locale, { numeric: 'auto', style: 'short' })
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ]
  for (const [unit, length] of steps)
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit)
  return t.justNow
}

export const figure = (value: number, reader: Reader, digits = 0): string =>
  new Intl.NumberFormat(reader.locale, { maximumFractionDigits: digits }).format(value)

/** Names one after the other. */
export const listed = (names: string[], reader: Reader): string =>
  names.join(reader.locale.startsWith('zh') ? '、' : ', ')

export function area(squareMetres: number, reader: Reader, t: Dictionary): string {
  if (squareMetres >= 1e6) return t.units.squareKm(figure(squareMetres / 1e6, reader, 2))
  if (squareMetres >= 1e4) return t.units.hectares(figure(squareMetres / 1e4, reader, 1))
  return t.units.squareMetres(figure(squareMetres, reader))
}
