// Fails when the script a page needs before it can be used is larger than the budget.
// Counted: the entry, everything it imports (static, and the dynamic imports the first map needs), workers.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET_KB = 600
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))

/** Files of an entry's closure, dynamic imports included. */
function closure(entry) {
  const files = new Set()
  const seen = new Set()
  const walk = (key) => {
    const chunk = manifest[key]
    if (!chunk || seen.has(key)) return
    seen.add(key)
    files.add(chunk.file)
    for (const asset of chunk.assets ?? []) files.add(asset)
    for (const next of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])]) walk(next)
  }
  walk(entry)
  // Workers are named inside the chunks, not in the manifest.
  for (const file of [...files].filter((name) => name.endsWith('.js'))) {
    const text = readFileSync(new URL(file, dist), 'utf8')
    for (const [, name] of text.matchAll(/assets\/([\w.-]*worker[\w.-]*\.m?js)/g)) files.add(`assets/${name}`)
  }
  return [...files].filter((name) => /\.m?js$/.test(name))
}

let failed = false
for (const entry of [
  'index.html',
  'login.html',
  'setup.html',
  'wall.html',
  'walls.html',
  'qgis.html',
  'workshop.html',
  'staffing.html',
  'sheet.html',
  'desk.html',
  'rules.html',
  'duty-list.html',
  'spot-checks.html',
  'call.html',
  'indicators.html',
]) {
  let total = 0
  for (const file of closure(entry)) {
    const size = gzipSync(readFileSync(new URL(file, dist)), { level: 6 }).length / 1000
    total += size
    console.log(`  ${size.toFixed(1).padStart(7)} kB gz  ${file}`)
  }
  const verdict = total <= BUDGET_KB ? 'within' : 'OVER'
  console.log(`${entry}: ${total.toFixed(1)} kB gz of script, ${verdict} the budget of ${BUDGET_KB} kB`)
  failed ||= total > BUDGET_KB
}
process.exit(failed ? 1 : 0)
