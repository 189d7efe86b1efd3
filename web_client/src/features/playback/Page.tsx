import { Button } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Api } from '../../api/client'
import type { RecordingView } from '../../api/types'
import { type Clock, every } from '../../base/clock'
import { explain, isRefusal } from '../../base/errors'
import { useModel, useValue } from '../../base/react'
import type { Scope } from '../../base/scope'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { NotFound, Unavailable } from '../../ui/Lost'
import { usePage } from '../../ui/page'
import { Waiting } from '../../ui/Waiting'
import { Loaded } from '../school/loaded'
import { KeptPlace } from './kept'
import { Playback } from './model'
import { Player } from './Player'
import type { Moment } from './shapes'
import classes from './Page.module.css'

interface Taken {
  recording: RecordingView
  moments: readonly Moment[]
}

/** Milliseconds until one that is not ready is looked at again. */
const LOOK_AGAIN = 5_000

/** One recording: what became of it, and the player once it can be watched. */
export default function RecordingPage({ id }: { id: string }) {
  const { api, clock } = useServices()
  const loaded = useModel((scope) => looking(scope, clock, api, id), [id])
  return loaded ? <Found loaded={loaded} /> : null
}

function looking(scope: Scope, clock: Clock, api: Api, id: string): Loaded<Taken> {
  const loaded = new Loaded(scope, () => take(api, id))
  every(scope, clock, LOOK_AGAIN, () => {
    const now = loaded.state.get()
    if (now.phase === 'ready' && isComing(now.value.recording)) void loaded.read()
  })
  return loaded
}

async function take(api: Api, id: string): Promise<Taken> {
  const [recording, moments] = await Promise.all([api.recording(id), api.recordingEvents(id)])
  return { recording, moments }
}

function isComing({ state }: RecordingView): boolean {
  return state === 'recording' || state === 'processing'
}

function Found({ loaded }: { loaded: Loaded<Taken> }) {
  const { t } = useTranslation()
  const { entrance } = useServices()
  const now = useValue(loaded.state)
  const error = now.phase === 'failed' ? now.error : null
  useEffect(() => {
    if (isRefusal(error, 'not_logged_in')) void entrance.stayOut()
  }, [error, entrance])
  if (now.phase === 'loading') {
    return (
      <main id="main" style={{ padding: '2rem' }}>
        <Waiting>{t('playback.loading')}</Waiting>
      </main>
    )
  }
  if (now.phase === 'failed') {
    if (isRefusal(error, 'not_found')) return <NotFound />
    if (isForever(error)) return <NotThere title={t('playback.cannot')} text={explain(error)} />
    return <Unavailable error={error} retry={() => loaded.again()} />
  }
  const { recording } = now.value
  if (recording.state === 'ready') return <Ready key={recording.id} taken={now.value} />
  return (
    <NotThere
      title={recording.title || t('playback.untitled')}
      text={t(`playback.state.${recording.state}.text`)}
      waiting={isComing(recording)}
    />
  )
}

/** Asking again changes nothing. */
function isForever(error: unknown): boolean {
  return ['forbidden', 'recording_deleted', 'gone'].some((code) => isRefusal(error, code))
}

function NotThere({ title, text, waiting }: { title: string; text: string; waiting?: boolean }) {
  const { t } = useTranslation()
  const heading = usePage(title)
  return (
    <main id="main" className={classes.none} tabIndex={-1}>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <p className={waiting ? 'st unseen' : 'muted'} role="status">
        {text}
      </p>
      <Button component={Link} href="/recordings" variant="default">
        {t('playback.toList')}
      </Button>
    </main>
  )
}

function Ready({ taken }: { taken: Taken }) {
  const me = useMe()
  const { api, clock } = useServices()
  const { recording, moments } = taken
  const playback = useModel((scope) => {
    const kept = new KeptPlace(me.id, recording.id, localStorage)
    const source = {
      pieces: recording.publications,
      moments,
      seconds: recording.seconds,
      renew: async () => (await api.recording(recording.id)).publications,
    }
    const made = new Playback(scope, clock, source, kept)
    scope.listen(window, 'pagehide', () => made.keep())
    Object.assign(window, { sabaqPlayback: Object.freeze({ told: () => made.told() }) })
    return made
  }, [recording.id])
  return playback ? <Player recording={recording} playback={playback} /> : null
}
