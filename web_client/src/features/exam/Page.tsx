import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Unavailable } from '../../ui/Lost'
import { Waiting } from '../../ui/Waiting'
import { examApi } from './api'
import { deviceOf } from './own'
import { Over } from './Over'
import { AtRest } from './AtRest'
import { Room } from './Room'
import { Sitting } from './sitting'
import { BrowserStore } from './store'
import { hear } from './told'
import { browserChannel, Tab } from './tab'

const CLOCKS = { wall: () => Date.now(), steady: () => performance.now() }

/** A learner's sitting, from its first question to what became of it. It opens without a network too. */
export default function SittingPage({ id }: { id: string }) {
  const { api, clock, entrance, link } = useServices()
  const sitting = useModel(
    (scope) => {
      const presence = entrance.presence.get()
      const who = presence.phase === 'in' ? { name: presence.me.name, zone: presence.me.zone } : null
      const tab = new Tab(scope, clock, browserChannel(id), crypto.randomUUID?.() ?? String(Math.random()))
      const made = new Sitting(
        scope,
        clock,
        CLOCKS,
        examApi(api.http),
        new BrowserStore(),
        tab,
        id,
        deviceOf(localStorage),
        who,
      )
      scope.listen(window, 'online', () => made.hurry())
      scope.listen(document, 'visibilitychange', () => made.hurry())
      hear(scope, link, made)
      scope.onEnd(entrance.stay())
      return made
    },
    [id],
  )
  return sitting ? <Shown sitting={sitting} /> : null
}

function Shown({ sitting }: { sitting: Sitting }) {
  const { t } = useTranslation()
  const { phase, error, view } = useValue(sitting.state)
  useEffect(() => {
    if (view) document.title = `${view.exam.title} · Sabaq`
  }, [view])
  if (phase === 'failed') return <Unavailable error={error} retry={() => sitting.again()} />
  if (phase === 'over' && view) return <Over sitting={sitting} view={view} />
  if (phase === 'open' && view) return <Room sitting={sitting} view={view} />
  if (phase !== 'loading') return <AtRest sitting={sitting} />
  return (
    <main id="main" style={{ padding: '2rem' }}>
      <Waiting>{t('exam.opening')}</Waiting>
    </main>
  )
}
