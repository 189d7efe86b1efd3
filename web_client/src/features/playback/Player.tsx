import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { RecordingView } from '../../api/types'
import { dayOf, lengthOf, timeOf } from '../../base/format'
import { useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Controls } from './Controls'
import { Keep } from './Keep'
import { deedOf } from './keys'
import { Line } from './Line'
import type { Playback } from './model'
import classes from './Page.module.css'
import { Side } from './Side'
import { Stage } from './Stage'

/** A recorded lesson: the stage, its time line, and what was said and written beside it. */
export function Player({ recording, playback }: { recording: RecordingView; playback: Playback }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const title = recording.title || t('playback.untitled')
  const heading = usePage(title)
  const stage = useRef<HTMLElement>(null)
  const began = recording.started_at
  const about = [
    `${dayOf(began, zone)}, ${timeOf(began, zone)}`,
    lengthOf(recording.seconds * 1000),
    t('playback.keptUntil', { day: dayOf(recording.keep_until, zone) }),
  ]
  useKeys(playback)
  return (
    <div className={classes.player} data-playback={recording.id}>
      <header className={classes.top}>
        <Link href="/recordings" className={classes.back} aria-label={t('playback.toList')}>
          <Icon name="arrow-left" />
        </Link>
        <div className="grow">
          <h1 ref={heading} tabIndex={-1} className="cut">
            {title}
          </h1>
          <p className={`muted sm num cut ${classes.about}`}>{about.join(' · ')}</p>
        </div>
        <Keep recording={recording} />
      </header>
      <main id="main" className={classes.main} tabIndex={-1} ref={stage}>
        <Stage playback={playback} roomId={recording.room_id} began={began} />
        <Line playback={playback} />
        <Controls playback={playback} whole={() => void turnWhole(stage.current)} />
      </main>
      <Side recording={recording} playback={playback} />
    </div>
  )
}

function useKeys(playback: Playback) {
  const letters = useValue(useServices().preferences.letterKeys)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const deed = deedOf(event, letters)
      if (!deed) return
      event.preventDefault()
      deed(playback)
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [playback, letters])
}

async function turnWhole(element: HTMLElement | null): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen()
  else await element?.requestFullscreen?.().catch(() => undefined)
}
