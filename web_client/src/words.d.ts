declare module '*.json?of=lesson' {
  const words: object
  export default words
}

declare module '*.json?of=others' {
  const words: object
  export default words
}
