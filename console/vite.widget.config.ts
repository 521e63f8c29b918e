import { defineConfig } from 'vite';

// The web chat for other people's sites: one file, no dependency, built beside the console.
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2022',
    emptyOutDir: false,
    reportCompressedSize: true,
    lib: { entry: 'widget/main.ts', formats: ['iife'], name: 'frontdeskWidget', fileName: () => 'widget.js' },
  },
});
