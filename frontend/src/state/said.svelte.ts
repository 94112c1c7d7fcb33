const SHOWN_MS = 5000

/** One sentence for the user, for a few seconds. */
export class Said {
  text = $state('')
  private timer: ReturnType<typeof setTimeout> | null = null

  say(text: string): void {
    this.text = text
    if (this.timer) clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.text = ''
    }, SHOWN_MS)
  }
}
