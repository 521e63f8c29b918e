// Finishes `dist`: the API's documentation pages (Swagger UI and ReDoc with our own small starts) come in, the build's own notes go out.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(here, 'dist', 'docs');

mkdirSync(out, { recursive: true });
cpSync(join(here, 'docs'), out, { recursive: true });
for (const file of ['swagger-ui-dist/swagger-ui-bundle.js', 'swagger-ui-dist/swagger-ui.css', 'redoc/bundles/redoc.standalone.js']) {
  const to = join(out, file.split('/').at(-1));
  const script = readFileSync(join(here, 'node_modules', file), 'utf8')
    // Their source maps are not shipped, and no page of ours loads a picture from elsewhere.
    .replace(/\n\/[/*]# sourceMappingURL=[^\n]*\n?$/, '\n')
    .replaceAll('https://cdn.redoc.ly/redoc/logo-mini.svg', '/favicon.svg');
  writeFileSync(to, script);
}

// Everything in `dist` is served; the manifest is for `npm run size` alone.
const notes = join(here, 'node_modules', '.console');
mkdirSync(notes, { recursive: true });
cpSync(join(here, 'dist', '.vite', 'manifest.json'), join(notes, 'manifest.json'));
rmSync(join(here, 'dist', '.vite'), { recursive: true });
