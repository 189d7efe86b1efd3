import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../base/react'
import { Dialog } from '../../ui/Dialog'
import { Icon } from '../../ui/Icon'
import { Sign } from '../questions/Sign'
import classes from './Room.module.css'
import type { SittingView } from './shapes'
import type { Sitting } from './sitting'
import { hasNext, totalOf } from './time'

interface Props {
  sitting: Sitting
  view: SittingView
}

/** How far one has got, where questions open one at a time. */
export function Way({ view }: Pick<Props, 'view'>) {
  const { t } = useTranslation()
  const total = totalOf(view)
  return (
    <div className={classes.navigator} data-way={view.section}>
      <h2 className="sm">{t('exam.which', { place: view.section + 1, total })}</h2>
      <progress className={classes.way} value={view.section} max={total} aria-hidden="true" />
      <p className="xs muted">{t('exam.behind', { count: view.section })}</p>
      <p className="xs muted">{t('exam.ahead', { count: total - view.section - 1 })}</p>
    </div>
  )
}

/** The way to the next question, and what is said before it is taken: there is none back. */
export function Onward({ sitting, view, end }: Props & { end: () => void }) {
  const { t } = useTranslation()
  const { turning } = useValue(sitting.state)
  useValue(sitting.queue.state)
  const [asks, ask] = useState(false)
  const goOn = () => (sitting.unanswered().length > 0 ? ask(true) : void sitting.turn())
  if (!hasNext(view)) {
    return (
      <div className={classes.acts}>
        <Button className={classes.next!} onClick={end}>
          {t('exam.review')}
        </Button>
      </div>
    )
  }
  return (
    <>
      {turning !== 'waits' && (
        <div className={classes.acts}>
          <p className={`sm muted ${classes.noWayBack}`} id="no-way-back">
            <Icon name="lock" size={18} />
            <span>{t('exam.noWayBack')}</span>
          </p>
          <Button
            className={classes.next!}
            loading={turning === 'now'}
            aria-describedby="no-way-back"
            rightSection={<Sign name="next" size={18} />}
            onClick={goOn}
          >
            {t('exam.next')}
          </Button>
        </div>
      )}
      <Dialog opened={asks} close={() => ask(false)} title={t('exam.leave')}>
        <div className={classes.ending} data-leaving="">
          <p>{t('exam.leaveText')}</p>
          <div className={classes.pair}>
            <Button variant="default" onClick={() => ask(false)}>
              {t('exam.leaveNot')}
            </Button>
            <Button
              onClick={() => {
                ask(false)
                void sitting.turn()
              }}
            >
              {t('exam.leaveDo')}
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  )
}

/** What is next waits for the line; until then one may still think again. */
export function TurnWaits({ sitting }: { sitting: Sitting }) {
  const { t } = useTranslation()
  return (
    <div className="note unseen" role="status" data-turn-waits="">
      <Sign name="cloud-off" />
      <div className="grow">
        <p>{t('exam.turnWaits')}</p>
        <Button variant="default" size="sm" mt="xs" onClick={() => sitting.stay()}>
          {t('exam.keepWriting')}
        </Button>
      </div>
    </div>
  )
}
