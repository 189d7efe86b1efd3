// Excalidraw reads this when it is loaded: its fonts lie with the other files of the page.
Object.assign(window, { EXCALIDRAW_ASSET_PATH: '/excalidraw/' })
export {}
