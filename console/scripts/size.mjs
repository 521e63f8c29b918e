// How much script a page costs before it can be used, gzipped: its chunk, what that imports, and the entry. Over the limit is a failure.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 350;
const WIDGET_LIMIT_KB = 20;
const here = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(here, 'dist');
const manifest = JSON.parse(readFileSync(join(here, 'node_modules', '.console', 'manifest.json'), 'utf8'));

/** A chunk with all it imports at once; what it loads later does not count. */
function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, found);
  return found;
}

const kb = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1000;
const routes = Object.keys(manifest).filter((key) => /^src\/pages\/[^/]+\/index\.tsx$/.test(key));
// The texts of one language come with every page; the larger language counts.
const texts = (folder) => Object.keys(manifest).filter((key) => key.startsWith(folder) && /\/(en|es)\.json$/.test(key));
const largest = (keys) => Math.max(0, ...keys.map((key) => kb(manifest[key].file)));

let failed = false;
for (const route of ['index.html', ...routes]) {
  const chunks = closure('index.html');
  if (route !== 'index.html') closure(route, chunks);
  const scripts = [...chunks].map((key) => manifest[key].file).filter((file) => file.endsWith('.js'));
  const words = largest(texts('src/i18n/')) + (route === 'index.html' ? 0 : largest(texts(route.replace('index.tsx', ''))));
  const total = [...new Set(scripts)].reduce((sum, file) => sum + kb(file), words);
  const over = route.includes('/inbox/') && total > LIMIT_KB;
  failed ||= over;
  console.log(`${total.toFixed(1).padStart(7)} kB  ${route}${over ? `  OVER ${LIMIT_KB} kB` : ''}`);
}
// Somebody else's page pays for this one.
const widget = kb('widget.js');
failed ||= widget > WIDGET_LIMIT_KB;
console.log(`${widget.toFixed(1).padStart(7)} kB  widget.js${widget > WIDGET_LIMIT_KB ? `  OVER ${WIDGET_LIMIT_KB} kB` : ''}`);
process.exit(failed ? 1 : 0);
