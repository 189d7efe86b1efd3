import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import i18next from 'i18next'
import { registerSW } from 'virtual:pwa-register'

const RELOADED = 'sabaq.reloaded'

/** Installs the page for use without a network, and offers a new version without forcing it. */
export function keepFresh(): void {
  reloadWhenPartsAreGone()
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  const renew = registerSW({
    onNeedRefresh() {
      const message = (
        <>
          <p>{i18next.t('app.newVersion')}</p>
          <Button variant="default" size="sm" mt="xs" onClick={() => void renew(true)}>
            {i18next.t('app.renew')}
          </Button>
        </>
      )
      notifications.show({ autoClose: false, message })
    },
  })
}

/** A page from before an update may ask for a part that is no longer there: read it anew, once. A part that did not
 *  come because the server is away is no reason: the page, and with it a lesson, would be gone. */
function reloadWhenPartsAreGone(): void {
  window.addEventListener('vite:preloadError', () => {
    if (Date.now() - Number(sessionStorage.getItem(RELOADED) ?? 0) < 60_000) return
    void isThere().then((there) => {
      if (!there) return
      sessionStorage.setItem(RELOADED, String(Date.now()))
      location.reload()
    })
  })
}

async function isThere(): Promise<boolean> {
  return await fetch('/api/health', { cache: 'no-store' }).then(({ ok }) => ok, () => false)
}
