import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ticking } from '../../base/clock'
import { stopwatch } from '../../base/format'
import { useModel, useValue } from '../../base/react'
import { Cell } from '../../base/value'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import type { Part } from './part'
import classes from './Question.module.css'
import { Recorder, type Recording, soundName } from './recorder'
import { Rubric } from './Rubric'
import { Sign } from './Sign'
import { Trouble } from './Trouble'

const IDLE = new Cell<Recording>({ phase: 'idle' })

/** Said aloud: recorded here, or told to the examiner. */
export function Spoken(given: Part<'spoken'>) {
  const { t } = useTranslation()
  const { shown, media, disabled } = given
  if (!shown.live) return <Recorded {...given} />
  return (
    <div className={classes.stack}>
      <Rubric rubric={shown.rubric} media={media} />
      <p className={classes.legend} data-live="">
        {t(disabled ? 'exams.toldLive' : 'questions.live')}
      </p>
    </div>
  )
}

function Recorded({ shown, answer, give, disabled, media, files }: Part<'spoken'>) {
  const { t } = useTranslation()
  const { clock } = useServices()
  const recorder = useModel(
    (scope) =>
      new Recorder(scope, clock, shown.most_seconds, async (sound, seconds) => {
        const { sha256 } = await files.put(sound, soundName(sound.type))
        give({ kind: 'recorded', sha256, seconds })
      }),
    [shown.most_seconds, give, files],
  )
  const state = useValue(recorder?.state ?? IDLE)
  const { sha256 = '', seconds = 0 } = answer.kind === 'recorded' ? answer : {}
  const recording = state.phase === 'recording'
  return (
    <div className={classes.stack}>
      <Rubric rubric={shown.rubric} media={media} />
      <p className={classes.legend}>{t('questions.speak', { time: stopwatch(shown.most_seconds * 1000) })}</p>
      <div className={classes.studio} data-recording={recording} data-recorded={sha256 !== ''}>
        {recording && <Running since={state.since} most={shown.most_seconds} />}
        {!recording && sha256 && <Sound sha256={sha256} seconds={seconds} find={files.find} />}
        {!disabled && (
          <div className={classes.signs}>
            {recording ? (
              <Button leftSection={<Sign name="stop" size={18} full />} onClick={() => recorder?.stop()}>
                {t('questions.stopRecording')}
              </Button>
            ) : (
              <Button
                variant={sha256 ? 'default' : 'filled'}
                aria-busy={state.phase === 'asking' || state.phase === 'keeping'}
                leftSection={<Icon name="mic" size={18} />}
                onClick={() => void recorder?.start()}
              >
                {t(sha256 ? 'questions.recordAgain' : 'questions.record')}
              </Button>
            )}
            {sha256 && !recording && (
              <Button variant="subtle" onClick={() => give({ kind: 'recorded' })}>
                {t('questions.clear')}
              </Button>
            )}
          </div>
        )}
      </div>
      {state.phase === 'refused' && <Trouble error={state.error} />}
    </div>
  )
}

function Running({ since, most }: { since: number; most: number }) {
  const { t } = useTranslation()
  const { clock } = useServices()
  const now = useModel((scope) => ticking(scope, clock, 1000), [clock])
  const at = useValue(now ?? BEGIN)
  return (
    <p className={classes.running}>
      <i aria-hidden="true" />
      <b role="status">{t('questions.recording')}</b>
      <span className="num" aria-hidden="true">
        {stopwatch(Math.max(0, at - since))} / {stopwatch(most * 1000)}
      </span>
    </p>
  )
}

const BEGIN = new Cell(0)

function Sound({ sha256, seconds, find }: { sha256: string; seconds: number; find: (sum: string) => Promise<string | null> }) {
  const { t } = useTranslation()
  const [place, setPlace] = useState<string | null>(null)
  useEffect(() => {
    let there = true
    setPlace(null)
    find(sha256).then(
      (found) => there && setPlace(found),
      () => undefined,
    )
    return () => {
      there = false
    }
  }, [sha256, find])
  const said = t('questions.recorded', { time: stopwatch(seconds * 1000) })
  return (
    <div className={classes.sound}>
      <span className="st ok">{said}</span>
      {place && <audio controls src={place} aria-label={said} />}
    </div>
  )
}
