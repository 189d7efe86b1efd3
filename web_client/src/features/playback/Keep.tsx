import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { Download, RecordingView } from '../../api/types'
import { every } from '../../base/clock'
import { Doing } from '../../base/doing'
import { explain } from '../../base/errors'
import { lengthOf } from '../../base/format'
import { useModel, useValue } from '../../base/react'
import { Cell } from '../../base/value'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { FieldError } from '../../ui/FieldError'
import { Icon } from '../../ui/Icon'
import classes from './Keep.module.css'

const LOOK_AGAIN = 2_000

/** Files to take away: the whole lesson as one, made when asked for, and each picture and sound alone. Whoever
 *  may deletes the recording here. */
export function Keep({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState(false)
  return (
    <>
      <Button
        variant="default"
        size="sm"
        className={classes.open}
        leftSection={<Icon name="download" size={18} />}
        onClick={() => setOpened(true)}
      >
        {t('playback.keep')}
      </Button>
      <Dialog opened={opened} close={() => setOpened(false)} title={t('playback.keep')}>
        <div className={classes.keep}>
          <Film recording={recording} />
          <Pieces recording={recording} />
          {recording.may_delete && <Delete recording={recording} />}
        </div>
      </Dialog>
    </>
  )
}

function Film({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation()
  const { api, clock } = useServices()
  const film = useModel(
    (scope) => {
      const cell = new Cell<Download | null>(null)
      const doing = new Doing()
      const ask = () => doing.run(async () => cell.set(await api.film(recording.id)))
      every(scope, clock, LOOK_AGAIN, () => {
        const state = cell.get()?.state
        if (state === 'waiting' || state === 'working') void ask()
      })
      return { cell, doing, ask }
    },
    [recording.id],
  )
  return (
    <section className={classes.part}>
      <h2>{t('playback.film')}</h2>
      {film && <FilmState {...film} seconds={recording.seconds} />}
    </section>
  )
}

function FilmState(props: { cell: Cell<Download | null>; doing: Doing; ask: () => unknown; seconds: number }) {
  const { t } = useTranslation()
  const film = useValue(props.cell)
  const { busy, error } = useValue(props.doing.state)
  return (
    <>
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      {film === null && (
        <Button variant="default" disabled={busy} onClick={() => void props.ask()}>
          {t('playback.filmMake')}
        </Button>
      )}
      {film && (film.state === 'waiting' || film.state === 'working') && (
        <div role="status">
          <p>
            {film.state === 'waiting'
              ? t('playback.filmWaiting')
              : t('playback.filmWorking', { percent: Math.round(film.progress * 100) })}
          </p>
          <p className="muted sm">{t('playback.filmCost', { length: lengthOf(film.cost_s * 1000) })}</p>
        </div>
      )}
      {film?.state === 'failed' && <p role="status">{t('playback.filmFailed')}</p>}
      {film?.state === 'ready' && film.url && (
        <Button component="a" href={film.url} download data-film>
          {t('playback.filmSave')}
        </Button>
      )}
    </>
  )
}

function Pieces({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation()
  const pieces = recording.publications.filter(({ url }) => url)
  if (pieces.length === 0) return null
  return (
    <details>
      <summary className={classes.summary}>{t('playback.pieces')}</summary>
      <ul className={classes.pieces}>
        {pieces.map(({ id, name, source, url, bytes }) => (
          <li key={id}>
            <a href={url!} download>
              {name} · {t(`playback.source.${source}`)}
            </a>
            <span className="muted sm num">{(bytes / 1e6).toFixed(1)} MB</span>
          </li>
        ))}
      </ul>
    </details>
  )
}

function Delete({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [, go] = useLocation()
  const [doing] = useState(() => new Doing())
  const { busy, error } = useValue(doing.state)
  const act = async () => {
    if (!(await doing.run(() => api.deleteRecording(recording.id)))) return
    notifications.show({ message: t('playback.deleted') })
    go('/recordings')
  }
  return (
    <section className={classes.part}>
      <p>{t('playback.deleteText')}</p>
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      <Button className="stop" disabled={busy} onClick={() => void act()}>
        {t('playback.delete')}
      </Button>
    </section>
  )
}
