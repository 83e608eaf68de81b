// Builds the page into web/built, which the daemon serves from memory; the install calls it when something here
// changed.

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
    rolldownOptions: {checks: {pluginTimings: false}},
  },
  logLevel: 'warn',
});
