import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { RecordingView } from '../../api/types'
import { every } from '../../base/clock'
import { explain } from '../../base/errors'
import { dayOf, lengthOf, timeOf } from '../../base/format'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { FieldError } from '../../ui/FieldError'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { Loaded } from '../school/loaded'
import classes from './List.module.css'

type Listed = Awaited<ReturnType<ReturnType<typeof useServices>['api']['recordings']>>

/** Milliseconds until a list with something unfinished is read again. */
const LOOK_AGAIN = 10_000

/** The recorded lessons one may watch. */
export default function Recordings() {
  const { t } = useTranslation()
  const { api, clock } = useServices()
  const heading = usePage(t('playback.title'))
  const loaded = useModel(
    (scope) => {
      const list = new Loaded(scope, () => api.recordings())
      every(scope, clock, LOOK_AGAIN, () => {
        const now = list.state.get()
        if (now.phase === 'ready' && now.value.items.some(isUnfinished)) void list.read()
      })
      return list
    },
    [api, clock],
  )
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header>
        <h1 ref={heading} tabIndex={-1}>
          {t('playback.title')}
        </h1>
        <p className="muted">{t('playback.text')}</p>
      </header>
      {loaded && <Body loaded={loaded} />}
    </main>
  )
}

function isUnfinished({ state }: RecordingView): boolean {
  return state === 'recording' || state === 'processing'
}

function Body({ loaded }: { loaded: Loaded<Listed> }) {
  const { t } = useTranslation()
  const list = useValue(loaded.state)
  if (list.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (list.phase === 'failed') return <Problem error={list.error} retry={() => loaded.again()} />
  const { items, earlier } = list.value
  if (items.length === 0) return <p className="muted">{t('playback.none')}</p>
  return (
    <>
      <Rows items={items} />
      {earlier && <Earlier key={earlier} before={earlier} />}
    </>
  )
}

/** Older ones, a page at a time. */
function Earlier({ before }: { before: string }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [page, setPage] = useState<Listed | null>(null)
  const [error, setError] = useState<unknown>(null)
  if (page) {
    return (
      <>
        <Rows items={page.items} />
        {page.earlier && <Earlier key={page.earlier} before={page.earlier} />}
      </>
    )
  }
  return (
    <>
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      <Button variant="default" onClick={() => void api.recordings(before).then(setPage, setError)}>
        {t('playback.earlier')}
      </Button>
    </>
  )
}

function Rows({ items }: { items: readonly RecordingView[] }) {
  const { t } = useTranslation()
  return (
    <ul className={classes.list} aria-label={t('playback.title')}>
      {items.map((one) => (
        <Row key={one.id} recording={one} />
      ))}
    </ul>
  )
}

function Row({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { id, state, title, started_at, seconds, keep_until } = recording
  const ready = state === 'ready'
  const about = [lengthOf(seconds * 1000), t('playback.keptUntil', { day: dayOf(keep_until, zone) })]
  return (
    <li data-recording={id} data-state={state}>
      <Icon name="film" />
      <div className={classes.main}>
        <Link href={`/recordings/${id}`} className={classes.name}>
          {title || t('playback.untitled')}
        </Link>
        <span className="sm num">
          {dayOf(started_at, zone)}, {timeOf(started_at, zone)}
        </span>
        {ready ? (
          <span className="muted sm">{about.join(' · ')}</span>
        ) : (
          <span className={`st ${state === 'failed' ? 'bad' : state === 'recording' ? 'attn' : 'unseen'}`}>
            {t(`playback.state.${state}.word`)}
          </span>
        )}
      </div>
    </li>
  )
}
