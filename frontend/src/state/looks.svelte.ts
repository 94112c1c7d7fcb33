import type { Theme } from '../map/status'

const STORED_AS = 'geogrid.theme'
export const PHONE = '(max-width: 56rem) and (max-aspect-ratio: 1/1), (max-width: 40rem)'

function first(): Theme {
  const asked = new URLSearchParams(location.search).get('style')
  if (asked === 'dark' || asked === 'light') return asked
  try {
    const stored = localStorage.getItem(STORED_AS)
    if (stored === 'dark' || stored === 'light') return stored
  } catch {
    // Private windows may have no storage.
  }
  // A command room is dark; a phone is held up in the sun.
  return matchMedia(PHONE).matches ? 'light' : 'dark'
}

class Looks {
  theme = $state<Theme>(first())
  phone = $state(matchMedia(PHONE).matches)

  constructor() {
    matchMedia(PHONE).addEventListener('change', (event) => {
      this.phone = event.matches
    })
  }

  toggle(): void {
    this.theme = this.theme === 'dark' ? 'light' : 'dark'
    try {
      localStorage.setItem(STORED_AS, this.theme)
    } catch {
      // The choice then lasts as long as the page.
    }
  }
}

export const looks = new Looks()
