// Writes .br and .gz beside each text asset of dist, for the server to send as they are.
// index.html stays plain: the server puts a nonce into it for every answer.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const DIST = new URL('../dist', import.meta.url).pathname
const TEXT = new Set(['.js', '.css', '.svg', '.json', '.webmanifest', '.txt'])
const WORTH_BYTES = 1024

for (const entry of readdirSync(DIST, { recursive: true })) {
  const path = join(DIST, entry)
  if (!TEXT.has(extname(path)) || statSync(path).size < WORTH_BYTES) continue
  const plain = readFileSync(path)
  writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }))
  const size = { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length }
  writeFileSync(`${path}.br`, brotliCompressSync(plain, { params: size }))
}
