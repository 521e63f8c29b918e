import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// A server to develop against: `FRONTDESK=http://127.0.0.1:8000 npm run dev`.
const desk = process.env.FRONTDESK ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // The policy of the served page allows no `data:` script or font, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: false,
    // The first page is measured by `npm run size`.
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: { '/api': desk, '/widget.js': desk } },
});
