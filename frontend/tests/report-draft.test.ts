import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ReportDraft } from '../src/state/report-draft.svelte'

interface Sent {
  key: string | null
  body: Record<string, unknown>
}
let sent: Sent[] = []
let answers: (() => Promise<Response>)[] = []
const kept = new Map<string, string>()
const gone = () => Promise.reject(new TypeError('network'))
const receipt = async () =>
  Response.json(
    { number: '20261122-000001', stage: 'REPORTED', cell: null, worker: null, flags: [] },
    { status: 201 },
  )

beforeEach(() => {
  sent = []
  answers = []
  kept.clear()
  vi.stubGlobal('document', { cookie: '', documentElement: { lang: 'en' } })
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  })
  vi.stubGlobal('fetch', (_path: string, init: RequestInit) => {
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : {}
    sent.push({ key: new Headers(init.headers).get('Idempotency-Key'), body })
    return answers.shift()?.() ?? gone()
  })
})
afterEach(() => vi.unstubAllGlobals())

function written(): ReportDraft {
  const draft = new ReportDraft()
  draft.content.at = [24.94, 60.17]
  draft.content.description = 'Cover missing'
  return draft
}

test('a report whose answer was lost is sent again with the same key and the same words', async () => {
  answers = [gone, receipt]
  const draft = written()

  await draft.submit()
  expect(draft.send.phase).toBe('unsure')
  await draft.submit()

  expect(draft.send.phase).toBe('sent')
  expect(sent[1]).toEqual(sent[0])
})

test('it is the same report even after the page was loaded anew', async () => {
  answers = [gone, receipt]
  const draft = written()
  await draft.submit()
  draft.keep()

  const again = new ReportDraft()
  expect(again.send.phase).toBe('unsure')
  await again.submit()

  expect(sent[1]).toEqual(sent[0])
})

test('a server error may have come after the report was filed', async () => {
  answers = [async () => Response.json({ code: 'error', detail: '' }, { status: 500 })]
  const draft = written()

  await draft.submit()

  expect(draft.send.phase).toBe('unsure')
})

test('a refused report that was mended is another report', async () => {
  answers = [
    async () => Response.json({ code: 'invalid', detail: 'No such class.' }, { status: 422 }),
    receipt,
  ]
  const draft = written()

  await draft.submit()
  expect(draft.send).toMatchObject({ phase: 'refused', detail: 'No such class.' })
  await draft.submit()

  expect(sent[1]?.key).not.toBe(sent[0]?.key)
})

test('the next report has another key', async () => {
  answers = [receipt, receipt]
  const draft = written()
  await draft.submit()

  draft.discard()
  draft.content.at = [24.95, 60.17]
  await draft.submit()

  expect(sent[1]?.key).not.toBe(sent[0]?.key)
})

test('what was sent is no longer kept', async () => {
  answers = [receipt]
  const draft = written()
  draft.keep()
  expect(kept.size).toBe(1)

  await draft.submit()
  draft.keep()

  expect(kept.size).toBe(0)
})

test('photos that did not arrive are told and can be sent again', async () => {
  answers = [receipt, gone, async () => Response.json({}, { status: 201 })]
  const draft = written()
  draft.addPhotos([
    new File(['x'], 'a.jpg', { type: 'image/jpeg' }),
    new File(['x'], 'a.txt', { type: 'text/plain' }),
  ])

  await draft.submit()
  expect(draft.send).toMatchObject({ phase: 'sent', photosFailed: 1 })
  if (draft.send.phase === 'sent') await draft.sendPhotos(draft.send.receipt)

  expect(draft.send).toMatchObject({ phase: 'sent', photosFailed: 0 })
})
