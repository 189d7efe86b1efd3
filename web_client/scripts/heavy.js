import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const MODULES = new URL('../node_modules/', import.meta.url).pathname
/** Chinese fonts: 13 MB in 200 files, for letters that no lesson here is written in. */
const LEFT_OUT = /Xiaolai/
const FOLDERS = [
  { from: '@excalidraw/excalidraw/dist/prod/fonts', to: 'excalidraw/fonts' },
  { from: 'pdfjs-dist/cmaps', to: 'pdf/cmaps' },
  { from: 'pdfjs-dist/standard_fonts', to: 'pdf/standard_fonts' },
  { from: 'pdfjs-dist/iccs', to: 'pdf/iccs' },
  { from: 'pdfjs-dist/wasm', to: 'pdf/wasm', only: /nowasm|LICENSE/ },
  {
    from: '@mediapipe/selfie_segmentation',
    to: 'blur',
    only: /segmentation\.(js|binarypb)$|landscape\.tflite$|simd_wasm_bin\.(js|wasm|data)$/,
  },
]
const KAZAKH = /locales\/kk-KZ-\w+\.js$/
/** Excalidraw offers a language from 85 per cent of its words on. Those that a lesson needs stand in kk-board.json. */
const SHARES = /"kk-KZ":\s*\d+/
const OUTSIDE = /`https:\/\/esm\.sh\/\$\{.*?\}\/dist\/prod\/`/

/** Lays beside the pages what whiteboard and slides read by themselves, and takes out where else they would ask. */
export function besideThePages() {
  return {
    name: 'beside-the-pages',
    apply: 'build',
    async transform(code, id) {
      if (!id.includes('@excalidraw/excalidraw')) return null
      if (KAZAKH.test(id)) return { code: await inKazakh(id), map: null }
      if (SHARES.test(code)) return { code: code.replace(SHARES, '"kk-KZ":100'), map: null }
      if (!code.includes('https://esm.sh/')) return null
      const own = code.replace(OUTSIDE, '`${location.origin}/excalidraw/`')
      if (own.includes('https://esm.sh/')) this.error('Excalidraw asks another host in a new way')
      return { code: own, map: null }
    },
    generateBundle() {
      for (const { from, to, only } of FOLDERS) {
        for (const name of readdirSync(join(MODULES, from), { recursive: true, withFileTypes: true })) {
          if (!name.isFile()) continue
          const path = join(name.parentPath, name.name)
          const fileName = to + path.slice(join(MODULES, from).length)
          if (LEFT_OUT.test(path) || (only && !only.test(path))) continue
          this.emitFile({ type: 'asset', fileName, source: readFileSync(path) })
        }
      }
    },
  }
}

/** Letters of formulas in the one form that every browser here reads. */
export function lettersOfFormulas() {
  return {
    name: 'letters-of-formulas',
    enforce: 'pre',
    transform(code, id) {
      if (!/katex(\.min)?\.css$/.test(id)) return null
      const left = code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\) format\(["'](?:woff|truetype)["']\)/g, '')
      if (left === code || /\.ttf/.test(left)) this.error('KaTeX names its letters in a new way')
      return { code: left, map: null }
    },
  }
}

/** Excalidraw's own Kazakh words, and ours where it has none. */
async function inKazakh(id) {
  const theirs = { ...(await import(pathToFileURL(id).href)).default }
  const ours = JSON.parse(readFileSync(new URL('./kk-board.json', import.meta.url), 'utf-8'))
  for (const [part, words] of Object.entries(ours)) theirs[part] = { ...theirs[part], ...words }
  const named = Object.keys(theirs).map((part) => `export const ${part} = ${JSON.stringify(theirs[part])}`)
  return `${named.join('\n')}\nexport default { ${Object.keys(theirs).join(', ')} }`
}

/** Chunks that only some lessons need: not kept ahead of time. */
export function isHeavy(modules) {
  return modules.some((id) => /node_modules\/(@excalidraw|pdfjs-dist|katex|yjs|lib0|pica|image-blob-reduce)\//.test(id))
}
