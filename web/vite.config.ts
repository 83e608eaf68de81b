// Builds the pages into web/built, which the daemon serves from memory; the install calls it when something here
// changed.

import {join} from 'node:path';
import {defineConfig} from 'vite';

// Vite asks for a default export.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  // Nothing inline: the policy of the daemon lets no such thing run.
  build: {
    outDir: 'built',
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: {polyfill: false},
    target: 'es2023',
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      input: ['index.html', 'what-if/index.html', 'etas/index.html'].map((page) => join(import.meta.dirname, page)),
      checks: {pluginTimings: false},
    },
  },
  logLevel: 'warn',
});
