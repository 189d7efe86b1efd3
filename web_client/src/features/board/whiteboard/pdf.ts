/** A picture of one page: JPEG bytes, and its size in pixels. */
export interface Sheet {
  jpeg: Uint8Array
  width: number
  height: number
}

const LONG_SIDE = 842

/** A PDF (1.4) with one picture on each page, its long side that of A4. */
export function pdfOf(sheets: readonly Sheet[]): Blob {
  const parts: Uint8Array[] = []
  const offsets: number[] = []
  let size = 0
  const put = (piece: string | Uint8Array) => {
    const bytes = typeof piece === 'string' ? new TextEncoder().encode(piece) : piece
    parts.push(bytes)
    size += bytes.length
  }
  const object = (number: number, body: () => void) => {
    offsets[number] = size
    put(`${number} 0 obj\n`)
    body()
    put('\nendobj\n')
  }
  put('%PDF-1.4\n%âãÏÓ\n')
  object(1, () => put('<< /Type /Catalog /Pages 2 0 R >>'))
  const kids = sheets.map((_, at) => `${3 + at * 3} 0 R`).join(' ')
  object(2, () => put(`<< /Type /Pages /Kids [${kids}] /Count ${sheets.length} >>`))
  sheets.forEach(({ jpeg, width, height }, at) => {
    const number = 3 + at * 3
    const scale = LONG_SIDE / Math.max(width, height)
    const [w, h] = [(width * scale).toFixed(2), (height * scale).toFixed(2)]
    const draw = `q ${w} 0 0 ${h} 0 0 cm /It Do Q`
    const uses = `/Resources << /XObject << /It ${number + 2} 0 R >> >>`
    const box = `/MediaBox [0 0 ${w} ${h}] /Contents ${number + 1} 0 R`
    object(number, () => put(`<< /Type /Page /Parent 2 0 R ${box} ${uses} >>`))
    object(number + 1, () => put(`<< /Length ${draw.length} >>\nstream\n${draw}\nendstream`))
    object(number + 2, () => {
      const shape = `/Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8`
      put(`<< /Type /XObject /Subtype /Image ${shape} /Filter /DCTDecode /Length ${jpeg.length} >>\n`)
      put('stream\n')
      put(jpeg)
      put('\nendstream')
    })
  })
  const start = size
  const count = 3 + sheets.length * 3
  put(`xref\n0 ${count}\n0000000000 65535 f \n`)
  for (let at = 1; at < count; at += 1) put(`${String(offsets[at]).padStart(10, '0')} 00000 n \n`)
  put(`trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`)
  return new Blob(parts as BlobPart[], { type: 'application/pdf' })
}
