import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

const page = (name: string) => new URL(`./${name}.html`, import.meta.url).pathname

// The Python server serves dist/ under /static/ and the HTML files at their own addresses (geogrid/web/pages.py).
export default defineConfig({
  base: '/static/',
  plugins: [svelte()],
  server: { host: '127.0.0.1' },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    manifest: true,
    // The content security policy of the pages allows no data: scripts and no inline ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: {
        ...Object.fromEntries(
          [
            'index',
            'login',
            'setup',
            'wall',
            'walls',
            'qgis',
            'workshop',
            'staffing',
            'sheet',
            'downloads',
            'desk',
            'rules',
            'duty-list',
            'spot-checks',
            'call',
            'indicators',
          ].map((name) => [name, page(name)]),
        ),
        // Pages of /ogc are written by the server, which finds this script through the manifest.
        ogc: new URL('./src/ogc.ts', import.meta.url).pathname,
      },
    },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
})
