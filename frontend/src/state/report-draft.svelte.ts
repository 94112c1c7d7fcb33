import { post, Refused, Unreachable } from '../api/client'
import type { LngLat, NewIncident, Receipt } from '../api/types'
import type { ClassKind } from '../report/class-search'

const STORED_AS = 'geogrid.draft'

interface Kept {
  /** Made once for a draft: sending it again is the same report. */
  key: string
  at: LngLat | null
  locationText: string
  chosen: { kind: ClassKind; code: string } | null
  asset: string
  description: string
  channel: string
  contact: { name: string; phone: string; email: string }
  /** The body of an attempt whose answer never came; it is sent again word for word. */
  attempt: NewIncident | null
}

function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join('-')
}

const blank = (): Kept => ({
  key: newKey(),
  at: null,
  locationText: '',
  chosen: null,
  asset: '',
  description: '',
  channel: 'web',
  contact: { name: '', phone: '', email: '' },
  attempt: null,
})

function restore(): Kept {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED_AS) ?? 'null')
    if (stored && typeof stored === 'object' && 'key' in stored) return { ...blank(), ...(stored as Kept) }
  } catch {
    // A draft that cannot be read is no draft.
  }
  return blank()
}

export type SendState =
  | { phase: 'writing' }
  | { phase: 'sending' }
  /** No answer: it may have arrived or not. */
  | { phase: 'unsure' }
  | { phase: 'refused'; detail: string; fields: Record<string, string> }
  | { phase: 'sent'; receipt: Receipt; photosFailed: number }

export interface DraftPhoto {
  id: number
  file: File
}

/** A report being written. It survives a reload, a dead battery and a lost network. */
export class ReportDraft {
  content = $state<Kept>(restore())
  photos = $state.raw<DraftPhoto[]>([])
  send = $state.raw<SendState>({ phase: 'writing' })
  private photoId = 0

  constructor() {
    if (this.content.attempt) this.send = { phase: 'unsure' }
  }

  /** Opens an empty draft for somebody whose reports come this way. */
  begin(channel: string): void {
    if (this.isEmpty) this.content.channel = channel
  }

  get isEmpty(): boolean {
    const { at, description, chosen, asset, locationText } = this.content
    return !at && !description && !chosen && !asset && !locationText && this.photos.length === 0
  }

  /** Call from an effect: it reads everything that is kept. */
  keep(): void {
    const text = JSON.stringify(this.content)
    try {
      if (this.send.phase === 'sent') localStorage.removeItem(STORED_AS)
      else localStorage.setItem(STORED_AS, text)
    } catch {
      // No storage: the draft lives as long as the page.
    }
  }

  discard(): void {
    this.content = { ...blank(), channel: this.content.channel }
    this.photos = []
    this.send = { phase: 'writing' }
  }

  addPhotos(files: Iterable<File>): void {
    const added = [...files].filter((file) => file.type.startsWith('image/'))
    this.photos = [...this.photos, ...added.map((file) => ({ id: ++this.photoId, file }))]
  }

  removePhoto(id: number): void {
    this.photos = this.photos.filter((photo) => photo.id !== id)
  }

  private body(): NewIncident | null {
    const { at, chosen, asset, description, channel, locationText, contact } = this.content
    if (!at) return null
    const hasContact = contact.name || contact.phone || contact.email
    return {
      lng: at[0],
      lat: at[1],
      description: description.trim(),
      channel,
      location_text: locationText.trim(),
      ...(chosen?.kind === 'asset' ? { asset_class: chosen.code } : {}),
      ...(chosen?.kind === 'event' ? { event_class: chosen.code } : {}),
      ...(asset ? { asset } : {}),
      ...(channel === 'patrol' ? { found_by_patrol: true } : {}),
      ...(hasContact ? { contact: { ...contact } } : {}),
    }
  }

  /** Sends the report, then its photos. What happened stands in `send`. */
  async submit(): Promise<void> {
    const body = this.content.attempt ?? this.body()
    if (!body || this.send.phase === 'sending') return
    this.content.attempt = body
    this.send = { phase: 'sending' }
    let receipt: Receipt
    try {
      receipt = await post<Receipt>('/api/incidents', body, {
        headers: { 'Idempotency-Key': this.content.key },
      })
    } catch (reason) {
      this.notTaken(reason)
      return
    }
    this.content.attempt = null
    await this.sendPhotos(receipt)
  }

  async sendPhotos(receipt: Receipt): Promise<void> {
    const left: DraftPhoto[] = []
    for (const photo of this.photos) {
      const form = new FormData()
      form.set('file', photo.file)
      form.set('role', 'near')
      await post(`/api/incidents/${encodeURIComponent(receipt.number)}/photos`, form).catch(() =>
        left.push(photo),
      )
    }
    this.photos = left
    this.send = { phase: 'sent', receipt, photosFailed: left.length }
  }

  private notTaken(reason: unknown): void {
    if (reason instanceof Refused && reason.status < 500) {
      // A clear no: nothing was filed, and a corrected report is a new one.
      this.content.attempt = null
      this.content.key = newKey()
      this.send = { phase: 'refused', detail: reason.message || reason.code, fields: reason.fields }
    } else if (reason instanceof Unreachable || reason instanceof Refused) this.send = { phase: 'unsure' }
    else throw reason
  }
}
