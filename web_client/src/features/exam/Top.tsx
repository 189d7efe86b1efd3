import { ActionIcon } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ticking } from '../../base/clock'
import { lengthOf, partsOf, stopwatch } from '../../base/format'
import { useModel, useValue } from '../../base/react'
import { Cell } from '../../base/value'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { Thread } from '../../ui/Thread'
import { hideTime, timeIsHidden } from './own'
import classes from './Room.module.css'
import type { SittingView } from './shapes'
import type { Sitting } from './sitting'
import { soonest, toldBetween } from './time'

const BEGIN = new Cell(0)

/** Where one is, whether what was written is safe, and how long there is. */
export function Top({ sitting, view }: { sitting: Sitting; view: SittingView }) {
  const { t } = useTranslation()
  const { name } = useValue(sitting.state)
  const said = [view.exam.kind === 'practice' ? t('exam.practice') : '', name].filter(Boolean).join(' · ')
  return (
    <header className={classes.top}>
      <div className={classes.title}>
        <h1 className="cut">{view.exam.title}</h1>
        <p className="xs muted cut">{said}</p>
      </div>
      <SaveState sitting={sitting} />
      <TimeLeft sitting={sitting} view={view} />
    </header>
  )
}

function SaveState({ sitting }: { sitting: Sitting }) {
  const { t } = useTranslation()
  const { zone } = useValue(sitting.state)
  const { savedAt, keptAt, cutSince, keeps, answers } = useValue(sitting.queue.state)
  const { clock } = useServices()
  const unsent = [...answers.values()].filter(({ state }) => state === 'unsent').length
  // The device's clock may be wrong: what is shown is as right as the page knows.
  const at = (moment: number) => clockOf(moment + clock.now() - Date.now(), zone)
  if (cutSince !== null) {
    return (
      <Thread state="cut">
        <span data-save="kept" className="num">
          {!keeps ? t('exam.keptInPage') : keptAt === null ? t('exam.keptHere') : t('exam.keptHereAt', { time: at(keptAt) })}
        </span>
      </Thread>
    )
  }
  return (
    <Thread state="whole">
      <span data-save={unsent > 0 ? 'saving' : savedAt === null ? 'nothing' : 'saved'} className="num">
        {unsent > 0 ? t('exam.saving') : savedAt === null ? t('exam.saves') : t('exam.savedAt', { time: at(savedAt) })}
      </span>
    </Thread>
  )
}

/** `10:42:18` in the given zone. */
function clockOf(moment: number, zone: string): string {
  const { hour, minute } = partsOf(moment, zone)
  return `${hour}:${minute}:${String(Math.floor(moment / 1000) % 60).padStart(2, '0')}`
}

function TimeLeft({ sitting, view }: { sitting: Sitting; view: SittingView }) {
  const { t } = useTranslation()
  const { clock } = useServices()
  const [hidden, setHidden] = useState(() => timeIsHidden(localStorage))
  const [said, say] = useState('')
  const now = useModel((scope) => ticking(scope, clock, 1000), [clock])
  const at = useValue(now ?? BEGIN)
  const left = sitting.left()
  const first = soonest(left)
  const [before, remember] = useState(first)
  const told = toldBetween(before, first)
  useEffect(() => {
    if (told !== null) say(t('exam.timeTold', { time: lengthOf(told) }))
    remember(first)
  }, [at, told])
  if (first === null) return null
  const ofSection = left.section !== null && left.section === first && left.whole !== first
  return (
    <div className={classes.time} data-left={Math.floor(first / 1000)}>
      {!hidden && (
        <>
          <span className="xs muted hide-p">{t(ofSection ? 'exam.leftSection' : 'exam.left')}</span>
          <b className="num" role="timer" aria-label={t(ofSection ? 'exam.leftSection' : 'exam.left')}>
            {stopwatch(first)}
          </b>
          {view.left.stands && <span className="xs muted">{t('exam.stands')}</span>}
        </>
      )}
      {hidden && <span className="sm muted">{t('exam.timeHidden')}</span>}
      <ActionIcon
        aria-label={t(hidden ? 'exam.showTime' : 'exam.hideTime')}
        onClick={() => {
          hideTime(localStorage, !hidden)
          setHidden(!hidden)
        }}
      >
        <Icon name={hidden ? 'eye-off' : 'eye'} />
      </ActionIcon>
      <span className="vh" role="status">
        {said}
      </span>
    </div>
  )
}
