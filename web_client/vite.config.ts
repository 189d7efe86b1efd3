import react from '@vitejs/plugin-react'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'
import { besideThePages, isHeavy, lettersOfFormulas } from './scripts/heavy.js'
import { wordsInParts } from './scripts/words.js'

/** Where `npm run dev` finds a running server. */
const server = 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [
    react(),
    besideThePages(),
    lettersOfFormulas(),
    wordsInParts(),
    VitePWA({
      // A new version waits until a person agrees: a lesson must not reload by itself.
      registerType: 'prompt',
      injectRegister: null,
      manifest: {
        name: 'Sabaq',
        short_name: 'Sabaq',
        description: 'Қашықтан оқыту: тікелей сабақ, емтихан, журнал',
        lang: 'kk',
        start_url: '/',
        display: 'standalone',
        background_color: '#f4f4f1',
        theme_color: '#046573',
        icons: [
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
          { src: '/icon-maskable.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
      workbox: {
        globPatterns: ['**/*.{html,js,css,svg,woff2}'],
        globIgnores: ['push.js', '**/heavy/**', '**/KaTeX_*', '**/katex-*.css', 'excalidraw/**', 'pdf/**', 'blur/**'],
        // Formulas are there without a network once one was shown.
        runtimeCaching: [
          {
            urlPattern: /\/assets\/(heavy\/)?katex/i,
            handler: 'CacheFirst',
            options: { cacheName: 'formulas', expiration: { maxEntries: 60 } },
          },
        ],
        importScripts: ['/push.js'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [/^\/api\//, /^\/socket\.io\//, /^\/whip\//, /^\/whep\//, /^\/reminders\//],
        cleanupOutdatedCaches: true,
      },
    }),
  ],
  build: {
    target: 'es2022',
    // For the test of how much script a lesson's first load asks for.
    manifest: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      output: {
        chunkFileNames: ({ moduleIds }) => `assets/${isHeavy(moduleIds) ? 'heavy/' : ''}[name]-[hash].js`,
      },
    },
  },
  server: {
    proxy: { '/api': server, '/socket.io': { target: server, ws: true } },
  },
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'] },
})
