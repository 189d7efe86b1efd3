/** Lets the browser save a text as a file. */
export function save(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = address
  link.download = name.replace(/[\\/:*?"<>|\p{Cc}\p{Cf}]/gu, ' ').slice(0, 120)
  link.click()
  URL.revokeObjectURL(address)
}
