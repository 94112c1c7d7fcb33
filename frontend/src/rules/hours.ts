// The hours of a rule or of an area in words.
interface Band {
  weekdays: number[]
  starts: string
  ends: string
  office?: boolean | null
}
interface Words {
  weekdays: string[]
  week: (days: string) => string
  always: string
  office: { yes: string; no: string }
}

const SEPARATED = /^[A-Za-z]/

/** Such as "Mo Tu · 22:00–06:00 · office hours only", or the word for always. */
export function hoursOf({ weekdays, starts, ends, office }: Band, words: Words): string {
  const parts: string[] = []
  if (weekdays.length < 7) {
    const names = [...weekdays].sort().map((day) => words.weekdays[day] ?? '')
    parts.push(words.week(names.join(SEPARATED.test(names[0] ?? '') ? ' ' : '、')))
  }
  const [from, to] = [starts.slice(0, 5), ends.slice(0, 5)]
  if (from !== to || from !== '00:00') parts.push(`${from}–${to === '00:00' ? '24:00' : to}`)
  if (office !== null && office !== undefined) parts.push(office ? words.office.yes : words.office.no)
  return parts.join(' · ') || words.always
}
