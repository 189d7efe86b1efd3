import { notificationsStore } from '@mantine/notifications'
import { lazy, Suspense, useState, useSyncExternalStore } from 'react'
import { useLater } from './later'

const shown = () => import('./NoticesShown')
const NoticesShown = lazy(shown)

/** Short words over the page. What shows them comes with the first of them, or when the page has come to rest. */
export function Notices() {
  const some = useSyncExternalStore(
    (seen) => notificationsStore.subscribe(seen),
    () => notificationsStore.getState().notifications.length > 0,
  )
  const [wanted, want] = useState(false)
  if (some && !wanted) want(true)
  useLater(shown)
  return wanted ? (
    <Suspense fallback={null}>
      <NoticesShown />
    </Suspense>
  ) : null
}
