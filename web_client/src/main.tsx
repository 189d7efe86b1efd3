import '@fontsource-variable/onest/wght.css'
import './styles/index.css'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { startLanguage } from './base/i18n'
import { keepFresh } from './fresh'
import { fetchPage, isLesson } from './pages'
import { createServices } from './services'

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
// The library that stops scrolling under a dialogue reads its nonce from this name.
Object.assign(globalThis, { __webpack_nonce__: nonce })

fetchPage(location.pathname)
const services = createServices()
await startLanguage(!isLesson(location.pathname))
void services.entrance.look()
createRoot(document.getElementById('root')!).render(<App services={services} nonce={nonce} />)
keepFresh()
