export const parseMermaidToExcalidraw = () => Promise.reject(new Error('diagrams are not taken'))
